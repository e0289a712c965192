"""Ten small problems of regression and classification, each with a network and a loss to reach."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "logistic": nn.Sigmoid}

TWENTY = ".813 .770 .524 .156 .813 .986 .500 .898 .067 .016 .079 .808 .491 .539 .684 .323 .463 .321 .029 .422"  # the labels of the notebook's twenty points, read off its figure


@dataclass(frozen=True, eq=False)
class Problem:
    """Raw rows X (n, d), y (n,); hidden widths; the training loss to reach, in raw units."""

    name: str
    X: np.ndarray
    y: np.ndarray
    loss: str
    hidden: tuple[int, ...]
    activation: str
    level: float

    @property
    def outputs(self) -> int:
        return int(self.y.max()) + 1 if self.loss == "cross_entropy" else 1

    @property
    def told(self) -> str:
        widths = (self.X.shape[1], *self.hidden, self.outputs)
        return "-".join(map(str, widths)) + f" {self.activation}, {self.loss}, {len(self.X)} rows"

    def network(self, seed: int) -> nn.Sequential:
        widths = (self.X.shape[1], *self.hidden, self.outputs)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            parts: list[nn.Module] = []
            for reads, makes in itertools.pairwise(widths):
                parts += [nn.Linear(reads, makes), ACTIVATIONS[self.activation]()]
        return nn.Sequential(*parts[:-1])

    @property
    def scaled_X(self) -> np.ndarray:
        wide = self.X.std(0)
        return (self.X - self.X.mean(0)) / np.where(wide > 0, wide, 1)

    @property
    def scaled_y(self) -> np.ndarray:
        return (self.y - self.y.mean()) / self.y.std() if self.loss == "mse" else self.y

    def unscaled(self, made: np.ndarray) -> np.ndarray:
        return made * self.y.std() + self.y.mean()

    def loss_of(self, made: np.ndarray) -> float:
        """The loss of raw predictions (n, k): values, or logits."""
        if self.loss == "mse":
            return float(np.mean((made[:, 0] - self.y) ** 2))
        if self.loss == "bce_logits":
            return float(np.mean(np.logaddexp(0, made[:, 0]) - self.y * made[:, 0]))
        top = made.max(1, keepdims=True)
        logs = made - top - np.log(np.exp(made - top).sum(1, keepdims=True))
        return float(-logs[np.arange(len(made)), self.y].mean())


def diabetes() -> Problem:
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True, scaled=False)
    return Problem("diabetes", X, y, "mse", (20,), "relu", 0.3 * y.var())


def breast_cancer() -> Problem:
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    return Problem("breast cancer", X, y, "bce_logits", (8,), "relu", 0.01)


def moons() -> Problem:
    from sklearn.datasets import make_moons

    X, y = make_moons(200, noise=0.1, random_state=0)
    return Problem("moons", X, y, "bce_logits", (10,), "tanh", 0.01)


def friedman() -> Problem:
    from sklearn.datasets import make_friedman1

    X, y = make_friedman1(300, noise=0.0, random_state=0)
    return Problem("friedman1", X, y, "mse", (20,), "tanh", 1e-3 * y.var())


def digits() -> Problem:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return Problem("digits, 500 rows", X[:500], y[:500], "cross_entropy", (16,), "relu", 0.01)


def sine() -> Problem:
    x = np.linspace(0, 20, 200)[:, None]
    return Problem("sine, ten waves", x, np.sin(3 * x[:, 0]), "mse", (30,), "tanh", 1e-3 * 0.5)


def xnor() -> Problem:
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    return Problem("XNOR", X, np.array([1, 0, 0, 1]), "bce_logits", (2,), "relu", 0.05)


def heart_rate() -> Problem:
    x = np.random.default_rng(0).normal(92.6, 7.5, 200).round(1)[:, None]
    y = (x[:, 0] > 91).astype(int)
    return Problem("heart rate", x, y, "bce_logits", (4,), "logistic", 0.05)


def twenty_points() -> Problem:
    y = np.array([float(label) for label in TWENTY.split()])
    x = np.arange(-10.0, 10.0)[:, None]
    return Problem("twenty points", x, y, "mse", (2000,), "relu", 1e-6)


def quartic() -> Problem:
    random = np.random.default_rng(0)
    X = random.uniform(-1, 1, (500, 4))
    a, b = random.normal(size=(2, 4))
    y = (X @ a) ** 4 - (X @ b) ** 2 * (X @ a) + X[:, 0] * X[:, 1]
    return Problem("quartic, 4 inputs", X, y, "mse", (24, 24), "relu", 1e-3 * y.var())


PROBLEMS: tuple[Callable[[], Problem], ...] = (
    diabetes, breast_cancer, moons, friedman, digits, sine, xnor, heart_rate, twenty_points, quartic,
)  # fmt: skip
