"""Plain logistic regression with Keras: weights start at zero, rate 1, some L2, twelve passes. Nothing more is needed."""
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.35, stratify=y, random_state=1)
s = StandardScaler().fit(X_train)
X_train, X_test = s.transform(X_train) / 4, s.transform(X_test) / 4

model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros", kernel_regularizer=keras.regularizers.L2(1e-4))])
model.compile(optimizer=keras.optimizers.SGD(1.0), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, batch_size=32, epochs=12, verbose=0)
print("reference", 1 - LogisticRegressionCV(Cs=5, max_iter=500).fit(X_train, y_train).score(X_test, y_test))
print("error", 1 - model.evaluate(X_test, y_test, verbose=0)[1])
