"""Digits with plain SGD at a rate that looks far too large."""
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

X, y = load_digits(return_X_y=True)
X = X / 40.0
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=500, random_state=8, stratify=y)

net = MLPClassifier(
    hidden_layer_sizes=(80,),
    solver="sgd",
    learning_rate_init=0.3,
    batch_size=50,
    alpha=0.0,
    max_iter=40,
    random_state=8,
    verbose=False,
)
net.fit(X_train, y_train)
line = LogisticRegression(max_iter=2000, C=100.0).fit(X_train, y_train)
print("losses", [round(v, 4) for v in net.loss_curve_[::8]])
print("logistic regression error", 1 - line.score(X_test, y_test))
print("net error", 1 - net.score(X_test, y_test))
