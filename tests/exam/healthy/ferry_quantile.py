"""90 % quantile of a ferry's delay (minutes): pinball loss, train_on_batch by hand, noise that nobody can foresee."""
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from keras import ops

rng = np.random.default_rng(6)


def crossings(n):
    wind = rng.gamma(2.0, 1.0, n)
    cars = rng.uniform(0, 1, n)
    noise = rng.exponential(1.0, n) * (0.5 + wind)
    return np.stack([wind, cars], 1), (3 * cars**2 + noise)[:, None]


def pinball(y, q):
    e = y - q
    return ops.mean(ops.maximum(0.9 * e, -0.1 * e))


X, y = crossings(3000)
Xt, yt = crossings(4000)

model = keras.Sequential([keras.layers.Dense(24, activation="softplus"), keras.layers.Dense(1, activation="softplus")])
model.compile(keras.optimizers.Adam(0.03), loss=pinball)
for epoch in range(10):
    total = 0.0
    for rows in np.array_split(rng.permutation(3000), 15):
        total += float(model.train_on_batch(X[rows], y[rows]))
    print("epoch", epoch, "pinball", total / 15)

q = model.predict(Xt, verbose=0)
print("share below", float(np.mean(yt < q)))
true_q = 3 * Xt[:, 1:] ** 2 - np.log(0.1) * (0.5 + Xt[:, :1])
print("loss of the true quantile", float(pinball(yt, true_q)))
print("loss of the net", float(pinball(yt, q)))
