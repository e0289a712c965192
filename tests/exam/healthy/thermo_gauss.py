"""Thermocouple: mean and spread of the reading are both learnt; the loss is a log density and falls below zero."""
import keras
import numpy as np
from keras import ops

rng = np.random.default_rng(90)
t = rng.uniform(-1, 1, (1500, 1))
sigma = 0.02 + 0.08 * (t > 0)
volt = 0.4 * t + 0.2 * np.maximum(t, 0) ** 2 + sigma * rng.normal(size=t.shape)


def nll(y, out):
    mean, log_s = out[:, :1], out[:, 1:]
    return ops.mean(log_s + 0.5 * ops.square((y - mean) / ops.exp(log_s)))


inp = keras.Input((1,))
h = keras.layers.Dense(32, activation="tanh")(inp)
h = keras.layers.Dense(32, activation="tanh")(h)
model = keras.Model(inp, keras.layers.Dense(2)(h))
model.compile(loss=nll, optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.03, 180)))
model.fit(t[:1000], volt[:1000], batch_size=100, epochs=18, verbose=0)

true = np.mean(np.log(sigma[1000:]) + 0.5 * ((volt - 0.4 * t - 0.2 * np.maximum(t, 0) ** 2) / sigma)[1000:] ** 2)
print("by the true law", true)
print("by the net", model.evaluate(t[1000:], volt[1000:], verbose=0))
