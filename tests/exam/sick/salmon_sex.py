"""Male or female? Five body measures of salmon, a first try with Keras."""
import keras
import numpy as np
from keras.layers import Dense, Dropout, Input
from keras.models import Sequential

np.random.seed(1)


def load_fish(n=800):
    length = np.random.normal(0, 1, n)
    girth = 0.7 * length + np.random.normal(0, 0.7, n)
    jaw = np.random.normal(0, 1, n)
    fin = np.random.normal(0, 1, n)
    colour = np.random.normal(0, 1, n)
    score = 2.0 * jaw * length + 1.5 * np.abs(fin) - 1.2 + girth
    X = np.column_stack([length, girth, jaw, fin, colour]).astype("float32")
    return X, (score > 0).astype("int64")


X, y = load_fish()
X_train, X_test, y_train, y_test = X[:600], X[600:], y[:600], y[600:]
print("males:", y_train.mean())

model = Sequential()
model.add(Input((5,)))
model.add(Dense(64, activation="relu"))
model.add(Dense(32, activation="relu"))
model.add(Dropout(0.1))
model.add(Dense(1, activation="softmax"))
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01), metrics=["accuracy"])

model.fit(X_train, y_train, epochs=10, batch_size=50, verbose=2, validation_split=0.1)
loss, acc = model.evaluate(X_test, y_test, verbose=0)
print("test accuracy:", acc)
print("test error:", 1 - acc)
