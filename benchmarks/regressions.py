"""The problems on which forecasts are judged: small regressions as Setups, each with a rate of its own."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np
import torch

from unstuck.core.setup import Data, Draw, Loop, Op, Optimizer, Parameter, Plan, Program, Setup

X, Y = 1000, 1001
ACTIVATIONS = {"relu": "torch.relu", "tanh": "torch.tanh", "gelu": "torch.nn.functional.gelu"}
TARGETS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sine": lambda x: np.sin(3 * x[:, 0]),
    "waves": lambda x: np.sin(2 * x[:, 0]) * np.cos(x[:, 1]),
    "friedman": lambda x: np.sin(x[:, 0] * x[:, 1]) + 0.5 * x[:, 2] ** 2 + 0.5 * x[:, 3],
    "step": lambda x: (x[:, 0] > 0).astype(float),
    "absolute": lambda x: np.abs(x[:, 0]),
    "line": lambda x: x.sum(1),
    "square": lambda x: (x**2).sum(1),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One regression: `rows` inputs of `sizes[0]` columns, standard normal, times `spread` plus `offset`.

    The target is a function of the inputs before that, plus noise. edge: the rate, as a share of the edge
    of stability 2(1 + m)/λ of the tangent kernel at the start. steps: that it is really trained for.
    """

    sizes: tuple[int, ...]
    activation: str
    target: str
    rows: int
    momentum: float = 0.0
    noise: float = 0.0
    spread: float = 1.0
    offset: float = 0.0
    edge: float = 0.3
    steps: int = 10_000

    def __str__(self) -> str:
        words = ["-".join(map(str, self.sizes)), self.activation, self.target, f"n={self.rows}"]
        words += [f"m={self.momentum:g}"] if self.momentum else []
        words += [f"noise={self.noise:g}"] if self.noise else []
        words += (
            [f"x·{self.spread:g}+{self.offset:g}"] if (self.spread, self.offset) != (1, 0) else []
        )
        return " ".join(words)


GRID = (
    Problem((1, 20, 1), "tanh", "sine", 10),
    Problem((1, 20, 1), "relu", "sine", 30, noise=0.1),
    Problem((1, 50, 1), "gelu", "absolute", 50),
    Problem((1, 100, 1), "tanh", "sine", 50, momentum=0.9),
    Problem((1, 100, 1), "relu", "step", 30),
    Problem((1, 200, 1), "relu", "sine", 40, momentum=0.9),
    Problem((1, 200, 1), "relu", "absolute", 20, spread=3.0, offset=5.0),
    Problem((1, 500, 1), "relu", "sine", 20, noise=0.3),
    Problem((1, 500, 1), "gelu", "step", 40, momentum=0.5),
    Problem((1, 500, 1), "tanh", "square", 100, steps=6_000),
    Problem((2, 50, 1), "tanh", "waves", 100),
    Problem((2, 100, 1), "relu", "waves", 100, momentum=0.9),
    Problem((2, 300, 1), "gelu", "waves", 60, noise=0.2),
    Problem((3, 60, 1), "relu", "square", 100, spread=0.3),
    Problem((4, 50, 1), "relu", "friedman", 300, steps=6_000),
    Problem((4, 200, 1), "tanh", "friedman", 200, momentum=0.9, steps=6_000),
    Problem((5, 100, 1), "gelu", "friedman", 150, spread=5.0, offset=2.0),
    Problem((8, 100, 1), "relu", "line", 60, noise=0.5),
    Problem((1, 20, 20, 1), "tanh", "sine", 30),
    Problem((1, 50, 50, 1), "relu", "sine", 40, momentum=0.9),
    Problem((1, 100, 100, 1), "gelu", "absolute", 40),
    Problem((2, 30, 30, 1), "relu", "waves", 100, momentum=0.5),
    Problem((2, 100, 100, 1), "tanh", "waves", 50, noise=0.2),
    Problem((4, 50, 50, 1), "tanh", "friedman", 120, momentum=0.9),
    Problem((4, 100, 50, 1), "relu", "friedman", 100),
    Problem((1, 30, 1), "relu", "sine", 50, spread=10.0, offset=50.0),
    Problem((2, 40, 1), "tanh", "line", 80, spread=0.1),
    Problem((6, 20, 20, 1), "gelu", "square", 200, noise=0.1, steps=6_000),
)
"""Inputs of one to eight columns, raw and standardised; one and two hidden layers; with and without momentum."""


def rows(problem: Problem, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs (n, d) and targets (n, 1)."""
    random = np.random.default_rng(seed)
    plain = random.normal(size=(problem.rows, problem.sizes[0]))
    targets = TARGETS[problem.target](plain) + problem.noise * random.normal(size=problem.rows)
    return plain * problem.spread + problem.offset, targets[:, None]


def setup(problem: Problem, rate: float, seed: int) -> Setup:
    """Return the problem as a training, drawn with this seed as torch draws linear layers."""
    inputs, targets = rows(problem, seed)
    return made(problem.sizes, problem.activation, inputs, targets, rate, problem.momentum, seed)


def made(
    sizes: tuple[int, ...],
    activation: str,
    inputs: np.ndarray,
    targets: np.ndarray,
    rate: float,
    momentum: float,
    seed: int,
) -> Setup:
    """Return a stack of linear layers with activations between them, full batches, mean squared error."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [torch.nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
    ops, parameters, here = [], [], X
    for number, layer in enumerate(layers):
        weight, bias, out = 2 * number, 2 * number + 1, 2000 + 2 * number
        for slot, part in ((weight, layer.weight), (bias, layer.bias)):
            parameters.append(
                Parameter(slot, str(slot), part.detach().numpy().copy(), (Draw("keep"),))
            )
        reads = tuple({"slot": slot} for slot in (here, weight, bias))
        ops.append(Op("torch.nn.functional.linear", reads, {}, (out,), str(number)))
        here = out
        if number < len(layers) - 1:
            ops.append(Op(ACTIVATIONS[activation], ({"slot": here},), {}, (out + 1,), str(number)))
            here = out + 1
    ops.append(Op("torch.nn.functional.mse_loss", ({"slot": here}, {"slot": Y}), {}, (3000,)))
    program = Program(tuple(ops), (X,), (Y,), {}, here, 3000)
    data = Data({X: inputs.astype(np.float32), Y: targets.astype(np.float32)})
    optimizer = Optimizer("SGD", ({"lr": rate, "momentum": momentum},))
    return Setup(program, tuple(parameters), data, Plan("full", len(inputs), 1), optimizer, Loop())
