"""The recorded training made ready for measuring: rows, watched values at start and end."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unstuck.core.layers import Layer, layers
from unstuck.core.recording import Array
from unstuck.core.setup import Setup
from unstuck.core.transform import as_ended, emptied, without_dropout
from unstuck.replay import interpret, tensors
from unstuck.replay.interpret import Run, Values

MOST_ROWS = 4096  # rows measured; a sample of more tells no more about shares of units
CHUNK = 1024  # rows passed at once, to bound memory

ENDS = {
    "sigmoid",
    "sigmoid_",
    "tanh",
    "softmax",
    "log_softmax",
    "softplus",
    "exp",
    "relu",
    "hardtanh",
}
"""Operations that may make a prediction out of the network's last pre-activation."""


class Unmeasurable(ValueError):
    """The recording does not hold what measuring needs; the message says what is missing."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A Setup with its rows as tensors and what flows through the network.

    rows: slot -> (n, …); inputs: (n, d) all inputs of a row side by side; steps: 0 and the number of
    updates made (0 alone where no end was recorded); states: for each of them the values of the
    watched slots: the prediction, `last` (the last pre-activation), each layer's pre and post;
    originals: slot -> what its rows were before they became whole numbers, where that matters.
    """

    setup: Setup
    run: Run
    rows: dict[int, Tensor]
    inputs: Array
    steps: tuple[int, ...]
    states: tuple[Values, ...]
    layers: tuple[Layer, ...]
    last: int
    originals: dict[int, Tensor]

    @property
    def known(self) -> Array:
        """All inputs of a row side by side (n, d), as they were before they became whole numbers."""
        rows = {**self.rows, **self.originals}
        return _flat(rows[slot] for slot in self.setup.program.inputs)

    @property
    def count(self) -> int:
        """Number of rows n."""
        return len(self.inputs)

    @property
    def hidden(self) -> dict[str, Layer]:
        """Hidden layers by path, numbered where a path is used twice."""
        found: dict[str, Layer] = {}
        for layer in self.layers[:-1]:
            uses = sum(
                other == layer.path or other.startswith(f"{layer.path} (") for other in found
            )
            found[f"{layer.path} ({uses + 1})" if uses else layer.path] = layer
        return found

    @property
    def target(self) -> Tensor | None:
        """The first target (n, …), None where the loss has none."""
        targets = self.setup.program.targets
        return self.rows[targets[0]] if targets else None

    def state(self, slot: int, index: int) -> Array:
        """Return the values (n, …) of a watched slot at start (0) or end (-1)."""
        return array(self.states[index][slot])

    def predictions(self, index: int) -> Tensor:
        """Return the predictions (n, …) at start (0) or end (-1)."""
        return self.states[index][self.setup.program.prediction]


def array(tensor: Tensor) -> Array:
    """Return a tensor's values as float64."""
    return tensor.detach().to(torch.float64).numpy()


def subject(setup: Setup, *, seed: int = 0) -> Subject:
    """Return the training ready for measuring; at most 4096 rows, drawn with `seed`.

    The network is measured as it is used: nothing is dropped at random.
    """
    setup = without_dropout(setup)
    if setup.data.count == 0:
        raise Unmeasurable("no rows were stored")
    few = None if setup.data.count <= MOST_ROWS else sample(setup.data.count, seed)
    rows, originals = tensors.rows(setup, few), tensors.taken(emptied(setup), few)
    missing = [slot for slot in (*setup.program.inputs, *setup.program.targets) if slot not in rows]
    if missing:
        raise Unmeasurable("some inputs or targets were not stored")
    run, found = interpret(setup.program), layers(setup)
    last = _last(setup)
    watched = {setup.program.prediction, last}
    watched.update(slot for layer in found for slot in (layer.pre, layer.post))
    ended = all(parameter.end is not None for parameter in setup.parameters)
    weights = [tensors.weights(setup, "start")]
    if ended:
        weights.append(tensors.weights(setup, "end"))
    runs = run, interpret(as_ended(setup).program)
    states = tuple(
        _chunked(each, held, rows, tuple(sorted(watched)))
        for each, held in zip(runs, weights, strict=False)
    )
    steps = (0, setup.made)[: len(states)]
    inputs = _flat(rows[slot] for slot in setup.program.inputs)
    return Subject(setup, run, rows, inputs, steps, states, found, last, originals)


def sample(count: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return the places of the rows that are measured, of so many."""
    if count <= MOST_ROWS:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, MOST_ROWS, replace=False))


def _flat(parts: Iterable[Tensor]) -> Array:
    return np.concatenate([array(part).reshape(len(part), -1) for part in parts], axis=1)


def _last(setup: Setup) -> int:
    """Return the slot that a last squashing operation makes the prediction from, or the prediction."""
    program = setup.program
    made = next(op for op in program.ops if program.prediction in op.outs)
    reads = made.slots()
    return reads[0] if made.short in ENDS and reads else program.prediction


def _chunked(
    run: Run, weights: Values, rows: dict[int, Tensor], watched: tuple[int, ...]
) -> Values:
    """Return the watched values over all rows, computed a thousand rows at a time."""
    count = min(len(part) for part in rows.values())
    known = {**weights, **rows}
    want = tuple(slot for slot in watched if slot not in known)
    parts = []
    with torch.no_grad():
        for begin in range(0, count, CHUNK):
            piece = {slot: part[begin : begin + CHUNK] for slot, part in rows.items()}
            parts.append(run(weights, piece, want))
    values = {slot: torch.cat([part[slot] for part in parts]) for slot in want}
    return {**values, **{slot: known[slot] for slot in watched if slot in known}}
