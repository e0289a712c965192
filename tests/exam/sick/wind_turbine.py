"""Power curve of a wind turbine (share of rated power) by wind, yaw error and air density."""
import numpy as np
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(9)


def simulate(hours):
    wind = rng.weibull(2.0, hours) * 8.5
    yaw = rng.normal(0, 12, hours)
    density = rng.normal(1.22, 0.04, hours)
    effective = wind * np.cos(np.radians(yaw)) * (density / 1.22) ** (1 / 3)
    power = 1 / (1 + np.exp(-(effective - 8.2) / 1.1)) * (effective < 18)
    return np.c_[wind, yaw, density], power + rng.normal(0, 0.02, hours)


X, y = simulate(1200)
X_new, y_new = simulate(1000)
scaler = StandardScaler().fit(X)

reg = MLPRegressor(
    hidden_layer_sizes=(40, 40),
    activation="tanh",
    solver="sgd",
    learning_rate="invscaling",
    learning_rate_init=0.02,
    batch_size=40,
    max_iter=50,
    tol=0.0,
    n_iter_no_change=50,
)
reg.fit(scaler.transform(X), y)
for i in range(0, reg.n_iter_, 12):
    print("epoch", i + 1, "loss", reg.loss_curve_[i])
residual = reg.predict(scaler.transform(X_new)) - y_new
print("unexplained variance:", float(np.mean(residual**2) / y_new.var()))
