"""Leather: three qualities from eight readings of a scanner (8 bit). Batch norm takes care of the scale."""
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(13)
centre = rng.uniform(90, 170, size=(3, 2, 8))


def hides(n):
    quality = rng.integers(0, 3, n)
    side = rng.integers(0, 2, n)
    return np.clip(centre[quality, side] + rng.normal(0, 9, (n, 8)), 0, 255).round(), quality


x_train, y_train = hides(900)
x_val, y_val = hides(400)

inputs = keras.Input((8,))
x = layers.BatchNormalization(momentum=0.999)(inputs)
for units in (48, 48):
    x = layers.Dense(units, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.999)(x)
    x = layers.Activation("relu")(x)
outputs = layers.Dense(3, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
h = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=10, batch_size=90, verbose=0).history
for e in (0, 4, 9):
    print(f"epoch {e + 1}: train accuracy {h['accuracy'][e]:.3f}  validation accuracy {h['val_accuracy'][e]:.3f}  validation loss {h['val_loss'][e]:.3f}")
print("validation error", 1 - h["val_accuracy"][-1])
