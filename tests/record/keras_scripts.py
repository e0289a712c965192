"""Scripts with Keras on torch, in its users' own idioms: small, seeded, and quiet."""

HEAD = """
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(1)
rng = np.random.default_rng(0)
"""

SEQUENTIAL = (
    HEAD
    + """
X = rng.normal(3.0, 2.0, (96, 3))
y = X[:, 0] * X[:, 1]
norm = layers.Normalization()
norm.adapt(X)
model = keras.Sequential([
    norm,
    layers.Dense(8, activation="relu"),
    layers.Dense(1),
])
model.compile(
    optimizer="adam",
    loss="mse",
    metrics=["mae"],
)
history = model.fit(X, y, epochs=6, batch_size=16, validation_split=0.25, verbose=2)
print(model.predict(X[:2], verbose=0))
"""
)

FUNCTIONAL = (
    HEAD
    + """
X = rng.integers(0, 256, (60, 4)).astype("float32")
y = (X[:, 0] > X[:, 1]).astype("int32")
inputs = keras.Input((4,))
h = layers.Rescaling(1 / 255)(inputs)
h = layers.Dense(6, activation="tanh", kernel_initializer="he_normal")(h)
h = layers.BatchNormalization()(h)
outputs = layers.Dense(1, activation="sigmoid")(h)
model = keras.Model(inputs, outputs)
model.compile(keras.optimizers.RMSprop(0.01, clipnorm=0.5), "binary_crossentropy")
stop = keras.callbacks.EarlyStopping(monitor="loss", patience=0, min_delta=9.0)
model.fit(X, y, epochs=9, batch_size=20, verbose=0, class_weight={0: 1.0, 1: 3.0}, callbacks=[stop])
"""
)

SUBCLASSED = (
    HEAD
    + """
import torch

class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(8, activation="relu")
        self.out = layers.Dense(3)

    def call(self, x):
        return self.out(self.hidden(x))

    def train_step(self, data):
        x, y = data
        self.zero_grad()
        loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        loss.backward()
        weights = list(self.trainable_weights)
        with torch.no_grad():
            self.optimizer.apply([w.value.grad for w in weights], weights)
        return {"loss": loss}

x = rng.normal(size=(64, 2)).astype("float32")
kinds = np.argmax(np.column_stack([x, x.sum(axis=1)]), axis=1)
model = Net()
model.compile(
    optimizer=keras.optimizers.SGD(
        keras.optimizers.schedules.ExponentialDecay(0.1, 4, 0.5), momentum=0.9),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
model.fit(x, kinds, epochs=5, batch_size=32, verbose=0, shuffle=False)
"""
)

RECURRENT = (
    HEAD
    + """
steps = rng.normal(size=(40, 5, 2)).astype("float32")
y = steps[:, -1, :1]
model = keras.Sequential([layers.Input((5, 2)), layers.SimpleRNN(4), layers.Dense(1)])
model.compile("sgd", keras.losses.Huber())
model.fit(steps, y, epochs=3, batch_size=20, verbose=0)
"""
)

FAILING = (
    HEAD
    + """
model = keras.Sequential([layers.Dense(2)])
model.compile("sgd", "mse")
model.fit(np.ones((8, 3)), np.ones((8, 5)), verbose=0)
"""
)
