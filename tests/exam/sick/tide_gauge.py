"""Tide at a harbour from the phases of moon and sun and the air pressure; a training step of our own."""
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import torch
import keras


class TideModel(keras.Model):
    def train_step(self, data):
        x, y = data
        y_pred = self(x, training=True)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        loss.backward()
        weights = [v for v in self.trainable_weights]
        grads = [v.value.grad for v in weights]
        with torch.no_grad():
            self.optimizer.apply(grads, weights)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


rng = np.random.default_rng(4)
moon, sun = rng.uniform(0, 2 * np.pi, (2, 800))
pressure = rng.normal(size=800)
X = np.stack([np.cos(moon), np.sin(moon), np.cos(sun), np.sin(sun), pressure], 1)
level = np.cos(2 * moon) + 0.45 * np.cos(2 * sun - 0.6) - 0.2 * pressure + 0.15 * np.cos(moon + sun)
level = level[:, None]

inputs = keras.Input((5,))
z = keras.layers.Dense(48, activation="tanh")(inputs)
z = keras.layers.Dense(48, activation="tanh")(z)
outputs = keras.layers.Dense(1)(z)
model = TideModel(inputs, outputs)
model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.15), loss="mse")
hist = model.fit(X, level, batch_size=50, epochs=24, verbose=0)
print("mse by epoch", [round(float(v), 4) for v in hist.history["loss"][::5]])
print("final mse", float(np.mean((model.predict(X, verbose=0) - level) ** 2)))
