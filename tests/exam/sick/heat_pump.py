"""Electrical power of a heat pump (watts) from outdoor temperature, flow temperature, fan and compressor."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(3)

N = 900
outdoor = rng.normal(4.0, 7.0, N)
flow = rng.uniform(28, 55, N)
fan = rng.uniform(0, 1, N)
compressor = rng.uniform(0.2, 1.0, N)
features = np.stack([outdoor, flow, fan, compressor], axis=1)

lift = flow - outdoor
power = 2600 + 900 * np.tanh((lift - 35) / 12) * compressor + 350 * np.sin(4 * fan) * (compressor > 0.5) + rng.normal(0, 20, N)

norm = layers.Normalization()
norm.adapt(features[:700])

inp = keras.Input(shape=(4,), name="measurements")
h = norm(inp)
h = layers.Dense(64, activation="relu")(h)
h = layers.Dense(64, activation="relu")(h)
out = layers.Dense(1, name="watts")(h)
model = keras.Model(inp, out)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=4e-3), loss="mae", metrics=["mse"])

history = model.fit(
    features[:700],
    power[:700],
    validation_data=(features[700:], power[700:]),
    epochs=14,
    batch_size=50,
    verbose=0,
    callbacks=[keras.callbacks.EarlyStopping(patience=15, restore_best_weights=True)],
)
for i, (a, b) in enumerate(zip(history.history["loss"], history.history["val_loss"])):
    print(f"epoch {i + 1:2d}  train MAE {a:9.2f}  val MAE {b:9.2f}")

# a figure that has no unit: the error as a share of the spread
spread = np.abs(power[700:] - np.median(power[700:])).mean()
prediction = model.predict(features[700:], verbose=0)[:, 0]
print("relative error", np.abs(prediction - power[700:]).mean() / spread)
