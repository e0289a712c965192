"""Minerals under six lamps: reflectance read line by line from the logger, then a small MLP with cross-validation."""
import numpy as np
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(5)
MINERALS = ["calcite", "fluorite", "gypsum", "barite"]
CURVES = rng.uniform(0.15, 0.85, size=(4, 6))


def logger_lines(n):
    for _ in range(n):
        kind = rng.integers(4)
        gain = rng.uniform(0.8, 1.1)
        values = np.clip(gain * CURVES[kind] + rng.normal(0, 0.04, 6), 0, 0.999)
        yield MINERALS[kind] + ";" + ";".join(f"{v:.4f}" for v in values)


lines = list(logger_lines(500))
X = np.zeros((len(lines), 6), dtype=int)
y = np.empty(len(lines), dtype=object)
for i, line in enumerate(lines):
    kind, *values = line.split(";")
    y[i] = kind
    X[i] = [float(v) for v in values]
y = y.astype(str)

model = make_pipeline(StandardScaler(), MLPClassifier((30,), learning_rate_init=0.01, alpha=0.01, max_iter=100))
scores = cross_val_score(model, X, y, cv=StratifiedKFold(4, shuffle=True, random_state=5))
print("accuracy by fold:", scores)
print("error:", 1 - scores.mean())
