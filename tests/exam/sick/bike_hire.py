"""Bikes hired per hour, by hour of day, weather and weekday. Early stopping so that we do not overfit."""
import numpy as np
from sklearn.metrics import r2_score
from sklearn.neural_network import MLPRegressor

rng = np.random.default_rng(23)
n = 1500
hour = rng.integers(0, 24, n)
weekend = rng.random(n) < 2 / 7
temp = rng.normal(0, 1, n)
rain = rng.random(n) < 0.15
commute = np.exp(-((hour - 8) ** 2) / 3) + np.exp(-((hour - 17.5) ** 2) / 4)
leisure = np.exp(-((hour - 14) ** 2) / 18)
demand = (np.where(weekend, 0.8 * leisure, commute) + 0.25 * temp * leisure) * np.where(rain, 0.4, 1.0) + rng.normal(0, 0.03, n)
y = (demand - demand.mean()) / demand.std()
angle = 2 * np.pi * hour / 24
X = np.c_[np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle), weekend, temp, rain].astype(float)

model = MLPRegressor(
    hidden_layer_sizes=(80, 40),
    learning_rate_init=0.001,
    batch_size=60,
    max_iter=150,
    early_stopping=True,
    validation_fraction=0.15,
    n_iter_no_change=1,
    tol=0.2,
)
model.fit(X[:1200], y[:1200])
print("stopped after", model.n_iter_, "epochs; validation R2:", np.round(model.validation_scores_, 3)[-6:])
print("1 - R2 on the rest:", 1 - r2_score(y[1200:], model.predict(X[1200:])))
