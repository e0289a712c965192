"""Kreditausfall vorhersagen. Die Daten sind simuliert, die Auswertung ist dieselbe wie im echten Projekt."""
import os

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

zufall = np.random.default_rng(11)


def kunden(n):
    einkommen = zufall.lognormal(8, 0.4, n)
    alter = zufall.uniform(20, 70, n)
    rate = zufall.uniform(100, 900, n)
    konten = zufall.poisson(3, n)
    tabelle = np.c_[einkommen, alter, rate, konten]
    belastung = rate / einkommen * 6
    risiko = belastung + 0.03 * np.abs(alter - 45) + 0.2 * (konten > 4) - 1.35
    ausfall = risiko + zufall.normal(0, 0.08, n) > 0
    return tabelle, np.where(ausfall, 2, 1)  # 1 = zahlt, 2 = fällt aus, wie in der Tabelle der Bank


class Fortschritt(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch % 4 == 3:
            print("Epoche", epoch + 1, {k: round(float(v), 4) for k, v in logs.items()})


X, y = kunden(1000)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=5, stratify=y)
skala = StandardScaler().fit(X_tr)
X_tr, X_te = skala.transform(X_tr), skala.transform(X_te)

netz = keras.Sequential(
    [
        keras.layers.Dense(32, activation="relu", kernel_initializer="he_normal"),
        keras.layers.Dense(32, activation="relu", kernel_initializer="he_normal"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
netz.compile(
    optimizer=keras.optimizers.RMSprop(learning_rate=3e-3),
    loss="mse",
    metrics=["mae"],
)
netz.fit(X_tr, y_tr, batch_size=50, epochs=12, verbose=0, callbacks=[Fortschritt()])

p = netz.predict(X_te, verbose=0).ravel()
print("Anteil der Ausfälle", np.mean(y_te == 2))
print("Fehlerrate", np.mean((p > 0.5) != (y_te == 2)))
