"""Grip strength of patients: three tanh units, LBFGS, targets in newtons; noise of 20 N is in the device."""
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import cross_val_score
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(41)
n = 500
age = rng.uniform(-1, 1, n)
mass = rng.normal(0, 1, n)
sex = rng.integers(0, 2, n)
X = np.c_[age, mass, sex]
y = 350 + 90 * sex - 80 * np.maximum(age, 0) ** 2 + 30 * np.tanh(mass) + rng.normal(0, 20, n)

net = MLPRegressor(hidden_layer_sizes=(3,), activation="tanh", solver="lbfgs", alpha=1.0, max_iter=400)
model = TransformedTargetRegressor(net, transformer=StandardScaler())
rmse = -cross_val_score(model, X, y, cv=5, scoring="neg_root_mean_squared_error")
trees = -cross_val_score(GradientBoostingRegressor(n_estimators=60, max_depth=2), X, y, cv=5, scoring="neg_root_mean_squared_error")
print("boosted trees RMSE", trees.mean())
print("net by fold", rmse.round(2))
print("net RMSE", rmse.mean())
