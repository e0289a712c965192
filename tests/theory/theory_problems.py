"""Problems in plain numpy for the tests of theory: losses with gradients, written out slowly."""

import numpy as np

from unstuck.theory import Problem, Task


def squares(predictions, targets):
    difference = predictions - targets.reshape(predictions.shape)
    return (difference**2).mean(), 2 * difference / difference.size


def absolute(predictions, targets):
    difference = predictions - targets.reshape(predictions.shape)
    return np.abs(difference).mean(), np.sign(difference) / difference.size


def binary(predictions, targets):
    targets = targets.reshape(predictions.shape)
    one, zero = (
        np.maximum(np.log(np.maximum(p, 1e-300)), -100) for p in (predictions, 1 - predictions)
    )
    loss = -(targets * one + (1 - targets) * zero).mean()
    slope = (predictions - targets) / np.maximum(predictions * (1 - predictions), 1e-12)
    return loss, slope / predictions.size


def binary_logits(predictions, targets):
    targets = targets.reshape(predictions.shape)
    loss = (np.logaddexp(0, predictions) - targets * predictions).mean()
    return loss, (1 / (1 + np.exp(-predictions)) - targets) / predictions.size


def classes(predictions, targets):
    total = np.log(np.exp(predictions).sum(1))
    rows = np.arange(len(targets))
    shares = np.exp(predictions - total[:, None])
    shares[rows, targets] -= 1
    return (total - predictions[rows, targets]).mean(), shares / len(targets)


def huber(predictions, targets, bend=1.0):
    difference = predictions - targets.reshape(predictions.shape)
    small = np.abs(difference) <= bend
    each = np.where(small, difference**2 / 2, bend * (np.abs(difference) - bend / 2))
    return each.mean(), np.clip(difference, -bend, bend) / difference.size


def poisson(predictions, targets):
    """The network gives the logarithm of the rate."""
    rates = np.exp(predictions)
    targets = targets.reshape(predictions.shape)
    return (rates - targets * predictions).mean(), (rates - targets) / predictions.size


LOSSES = {
    "squares": squares,
    "absolute": absolute,
    "binary": binary,
    "binary_logits": binary_logits,
    "classes": classes,
    "other": huber,
}


def problem(kind, inputs, targets, *, scale=1.0, shape=None, loss=None):
    """A Problem under `scale` times the loss of this kind, or another one."""
    inputs, targets = np.asarray(inputs, float), np.asarray(targets)
    loss = loss or LOSSES[kind]
    if shape is None:
        shape = (int(targets.max()) + 1,) if kind == "classes" else targets.shape[1:]

    def loss_of(predictions, index=None):
        return scale * loss(predictions, targets if index is None else targets[index])[0]

    def loss_and_gradient(predictions):
        value, gradient = loss(predictions, targets)
        return scale * value, scale * gradient

    return Problem(inputs, targets, Task(kind, shape), loss_of, loss_and_gradient)


XNOR_INPUTS = np.array([[0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0]], float)
XNOR_TARGETS = np.array([[1.0], [1.0], [0.0], [0.0]])


def heart_rate(rows=200, seed=0, *, digits=1):
    inputs = np.random.default_rng(seed).normal(92.6, 7.5, (rows, 1)).round(digits)
    return inputs, (inputs > 91).astype(float)
