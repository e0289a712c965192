"""Transfer learning: our encoder is kept as it is, only the new top learns the age of the vessel (standardised)."""
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

keras.utils.set_random_seed(42)
rng = np.random.default_rng(42)

# stands in for the features of the images
X = rng.normal(size=(1000, 12)).astype("float32")
age = np.tanh(X[:, 0] * X[:, 1]) + 0.6 * np.abs(X[:, 2]) + 0.5 * X[:, 3]
age = ((age - age.mean()) / age.std()).reshape(-1, 1)


def build_encoder():
    return keras.Sequential(
        [
            keras.Input((12,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(4, activation="tanh"),
        ],
        name="encoder",
    )


encoder = build_encoder()
# encoder.load_weights("encoder.weights.h5")   # not on this computer yet
encoder.trainable = False

model = keras.Sequential([encoder, keras.layers.Dense(32, activation="relu"), keras.layers.Dropout(0.05), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_squared_error")
result = model.fit(X, age, epochs=14, batch_size=100, verbose=0, shuffle=True)
print("loss", [round(v, 3) for v in result.history["loss"]])
print("mse", model.evaluate(X, age, verbose=0))
