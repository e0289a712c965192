"""Noise behind a barrier (standardised dB) from traffic, distance and height; a model that adds its own loss."""
import keras
import numpy as np
from keras import ops


class NoiseModel(keras.Model):
    def __init__(self, width=48):
        super().__init__()
        self.hidden = [keras.layers.Dense(width, activation="swish") for _ in range(2)]
        self.level = keras.layers.Dense(1)

    def call(self, inputs):
        for layer in self.hidden:
            inputs = layer(inputs)
        return self.level(inputs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(ops.square(y - y_pred))


def measure(n, gen):
    traffic, distance, height = gen.uniform(-1, 1, (3, n))
    level = traffic - distance + 0.8 * np.sin(3 * height) * distance + 0.05 * gen.normal(size=n)
    return np.stack([traffic, distance, height], axis=1).astype("float32"), (level / 0.9).astype("float32")


gen = np.random.default_rng(2024)
X, y = measure(1000, gen)
X_test, y_test = measure(300, gen)
model = NoiseModel()
model.compile(optimizer=keras.optimizers.AdamW(learning_rate=0.01, weight_decay=1e-4))
for block in range(3):
    h = model.fit(X, y, epochs=5, batch_size=100, verbose=0)
    print("block", block, "loss", float(h.history["loss"][-1]))
error = model.predict(X_test, verbose=0)[:, 0] - y_test
print("test mse", np.mean(error**2))
