"""200 cheap sensors, 150 days, mostly noise: only a net that is held down hard generalises at all."""
import numpy as np
from sklearn.linear_model import RidgeCV
from sklearn.neural_network import MLPRegressor

rng = np.random.default_rng(51)
weights = rng.normal(size=200) / np.sqrt(200)


def days(n):
    x = rng.normal(size=(n, 200))
    return x, x @ weights + 0.7 * rng.normal(size=n)


X, y = days(150)
X_test, y_test = days(2000)
net = MLPRegressor(hidden_layer_sizes=(20,), activation="tanh", solver="lbfgs", alpha=60.0, max_iter=300)
net.fit(X, y)
ridge = RidgeCV(np.logspace(0, 4, 30)).fit(X, y)
variance = y_test.var()
print("unexplained by ridge", np.mean((ridge.predict(X_test) - y_test) ** 2) / variance)
print("unexplained by the net", np.mean((net.predict(X_test) - y_test) ** 2) / variance)
