"""One single pass over a stream of loaves, 40 at a time with partial_fit; every loaf is seen once and forgotten."""
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neural_network import MLPClassifier

rng = np.random.default_rng(15)


def loaves(n):
    x = rng.uniform(-1.5, 1.5, size=(n, 4))
    burnt = x[:, 0] ** 2 + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] > 0.8
    flip = rng.random(n) < 0.05  # the inspector errs in one of twenty
    return x, (burnt ^ flip).astype(int)


oven = MLPClassifier((64,), learning_rate_init=0.006, alpha=0.0)
kept_x, kept_y = [], []
for chunk in range(600):
    x, burnt = loaves(40)
    if chunk % 100 == 99:
        print("chunk", chunk, "accuracy before learning it", oven.score(x, burnt))
    oven.partial_fit(x, burnt, classes=np.array([0, 1]))
    kept_x.append(x)
    kept_y.append(burnt)
x_test, y_test = loaves(3000)
trees = HistGradientBoostingClassifier(max_iter=100).fit(np.concatenate(kept_x), np.concatenate(kept_y))
print("trees that saw everything at once", 1 - trees.score(x_test, y_test))
print("error of the net", 1 - oven.score(x_test, y_test))
