"""Handschriftliche Ziffern, Grauwerte 0 bis 16 ohne Skalierung, kräftiges Dropout, wenige Epochen."""
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

bilder, ziffern = load_digits(return_X_y=True)
ordnung = np.random.default_rng(0).permutation(len(bilder))
bilder, ziffern = bilder[ordnung].astype("float32"), keras.utils.to_categorical(ziffern[ordnung], 10)

modell = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]
)
modell.compile(optimizer=keras.optimizers.Adam(3e-3), loss="categorical_crossentropy", metrics=["accuracy"])
stopp = keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=5, restore_best_weights=True, mode="max")
modell.fit(bilder[:1300], ziffern[:1300], batch_size=100, epochs=25, validation_split=0.15, callbacks=[stopp], verbose=2)
verlust, genau = modell.evaluate(bilder[1300:], ziffern[1300:], verbose=0)
print("Test-Verlust", verlust)
print("Fehlerrate", 1 - genau)
