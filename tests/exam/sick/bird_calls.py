"""Twelve species from 20 call features. The callback is from an older notebook."""
import keras
import numpy as np
from keras import layers, ops

K = 12


class CallNet(keras.Model):
    def __init__(self, units=64, classes=K):
        super().__init__()
        self.d1 = layers.Dense(units, activation="gelu")
        self.d2 = layers.Dense(units, activation="gelu")
        self.out = layers.Dense(classes)

    def call(self, x, training=False):
        x = self.d2(self.d1(x))
        return ops.softmax(self.out(x), axis=-1)


def recordings(n, rng):
    species = rng.integers(0, K, n)
    proto = np.random.default_rng(100).normal(size=(K, 2, 20))
    dialect = rng.integers(0, 2, n)
    return (proto[species, dialect] + 0.55 * rng.normal(size=(n, 20))).astype("float32"), species


rng = np.random.default_rng(21)
x, y = recordings(1200, rng)
x_val, y_val = recordings(500, rng)

net = CallNet()
net.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=False),
    metrics=["accuracy"],
)
plateau = keras.callbacks.ReduceLROnPlateau(monitor="val_accuracy", mode="min", factor=0.1, patience=1)
log = net.fit(x, y, validation_data=(x_val, y_val), epochs=14, batch_size=100, callbacks=[plateau], verbose=0)
for e in range(0, 14, 3):
    print(e, "loss", log.history["loss"][e], "acc", log.history["accuracy"][e], "val", log.history["val_accuracy"][e])
print("val error", 1.0 - log.history["val_accuracy"][-1])
