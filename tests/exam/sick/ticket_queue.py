"""Support tickets: urgent or not? Bag of words (made up here), the net is trained on with warm_start so that we can watch it."""
import numpy as np
from sklearn.metrics import f1_score
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import MaxAbsScaler

rng = np.random.default_rng(19)
WORDS = 60


def tickets(n):
    counts = rng.poisson(0.5, size=(n, WORDS)).astype(float)
    angry = counts[:, :6].sum(1)
    outage = counts[:, 6:12].sum(1)
    polite = counts[:, 12:18].sum(1)
    return counts, (angry + outage - polite + 0.3 * rng.normal(size=n) > 3).astype(int)


X, y = tickets(1500)
X_dev, y_dev = tickets(700)
scale = MaxAbsScaler().fit(X)

clf = MLPClassifier(hidden_layer_sizes=(32,), max_iter=1, learning_rate_init=0.003, batch_size=100, warm_start=False)
import warnings
warnings.simplefilter("ignore")
for epoch in range(40):
    clf.fit(scale.transform(X), y)
    if epoch % 8 == 7:
        print("epoch", epoch + 1, "loss", clf.loss_, "F1", f1_score(y_dev, clf.predict(scale.transform(X_dev))))
print("share of urgent tickets", y_dev.mean())
print("error", 1 - clf.score(scale.transform(X_dev), y_dev))
