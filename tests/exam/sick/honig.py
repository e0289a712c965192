"""Honigsorten: echt oder gestreckt? Vier Messwerte, Gittersuche über die Lernrate."""
import numpy as np
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

np.random.seed(30)
anzahl = 600
leitwert = np.random.normal(0.5, 0.1, anzahl)
wasser = np.random.normal(17.5, 0.9, anzahl)
hmf = np.random.normal(20, 5, anzahl)
pollen = np.random.normal(40, 10, anzahl)
werte = np.column_stack([leitwert, wasser, hmf, pollen])
z = (werte - [0.5, 17.5, 20, 40]) / [0.1, 0.9, 5, 10]
echt = (z[:, 0] * z[:, 1] + 0.8 * z[:, 2] * z[:, 3] > 0).astype(int)

X_train, X_test, y_train, y_test = train_test_split(werte, echt, test_size=0.3, random_state=3)
rohr = Pipeline(
    [
        ("skala", StandardScaler()),
        ("netz", MLPClassifier(hidden_layer_sizes=(40, 40), activation="identity", alpha=100.0, max_iter=60, random_state=3)),
    ]
)
suche = GridSearchCV(rohr, {"netz__learning_rate_init": [0.005, 0.01]}, cv=2)
suche.fit(X_train, y_train)
print("beste Einstellung:", suche.best_params_)
print("Kreuzvalidierung:", suche.best_score_)
print("Fehler im Test:", 1 - suche.score(X_test, y_test))
