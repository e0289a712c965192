# Will the pig iron be within specification? Sensors of the furnace, one row per tapping.
import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

rng = np.random.default_rng(17)
n = 900
hot_blast = rng.normal(1180, 25, n)  # deg C
blast_volume = rng.normal(285000, 9000, n)  # m3/h
oxygen = rng.normal(23.5, 0.8, n)  # %
silicon = rng.normal(0.55, 0.12, n)  # %
coke = rng.normal(352, 11, n)  # kg/t
X = np.column_stack([hot_blast, blast_volume, oxygen, silicon, coke])

s = (hot_blast - 1180) / 25
v = (blast_volume - 285000) / 9000
o = (oxygen - 23.5) / 0.8
c = (silicon - 0.55) / 0.12
k = (coke - 352) / 11
good = (1.2 * o * s - c**2 + k + 0.4 * v + 0.6 > 0).astype(int)

X_train, X_test, y_train, y_test = train_test_split(X, good, test_size=0.25, stratify=good, random_state=0)

clf = MLPClassifier(hidden_layer_sizes=(60, 60), learning_rate_init=0.005, alpha=1e-3, max_iter=100, random_state=0)
clf.fit(X_train, y_train)
print("iterations:", clf.n_iter_, " loss:", clf.loss_)
print(confusion_matrix(y_test, clf.predict(X_test)))
print("test error:", 1 - accuracy_score(y_test, clf.predict(X_test)))
