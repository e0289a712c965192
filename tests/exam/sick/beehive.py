"""Weight gain of a beehive (standardised) by weather and blossom."""
import os
os.environ.setdefault("KERAS_BACKEND", "torch")
import numpy as np
import keras
from keras.layers import Dense
from keras.initializers import Constant

gen = np.random.default_rng(365)
sun, rain, blossom = gen.normal(size=(3, 800))
gain = np.tanh(sun) * blossom - 0.5 * np.cos(2 * rain) + 0.4 * sun
gain = (gain - gain.mean()) / gain.std()
weather = np.column_stack([sun, rain, blossom])

net = keras.Sequential(
    [
        Dense(40, activation="tanh", kernel_initializer=Constant(0.1)),
        Dense(40, activation="tanh", kernel_initializer=Constant(0.1)),
        Dense(1, kernel_initializer=Constant(0.1), name="gain"),
    ]
)
net.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=1e-5, beta_1=0.9))
log = net.fit(weather, gain, batch_size=80, epochs=20, verbose=0)
losses = log.history["loss"]
print("first", losses[0], "middle", losses[10])
print("last", losses[-1])
