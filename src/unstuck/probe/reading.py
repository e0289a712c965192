"""How the outputs of a network are read as an answer, rightly and in the ways that are mistaken for it.

Everything here is arithmetic on what a comparison held and what the network gives on the same rows.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from unstuck.core.recording import Array
from unstuck.theory.problem import Kind

ALIKE = 0.9  # of the rows, or of the variance: weights one update older give about the same outputs


OF_OTHERS = frozenset({"values", "axis"})
"""Mistakes that nobody makes in comparing answers with themselves: the other side holds targets, even if
the outputs agree with all of them."""

FEW = 20  # rows that the network never saw, below which a share of them says little


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """The network's outputs on some rows: prediction (n, …), and `last`, of which a squash may make it.

    kind: what the loss measures; target: of the training (m, …); shape: of the predictions for them.
    """

    prediction: Array
    last: Array
    kind: Kind
    target: Array
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        """Number of rows n."""
        return len(self.prediction)

    @property
    def classes(self) -> bool:
        """Whether there is an output a class, of which the largest is the answer."""
        made, target = self.prediction, self.target
        if made.ndim != 2 or made.shape[1] < 2:
            return False
        one_hot = target.shape == self.shape and bool((target.sum(1) == 1).all())
        numbers = target.ndim == 1 and set(np.unique(target)) <= set(range(made.shape[1]))
        return self.kind == "classes" or numbers or (one_hot and np.unique(target).size == 2)

    @property
    def two(self) -> tuple[float, float] | None:
        """The two values that targets have where each output says one of two things."""
        values = np.unique(self.target)
        one_each = self.target.size == math.prod(self.shape)
        if values.size != 2 or not one_each or self.kind in {"classes", "other"} or self.classes:
            return None
        return float(values[0]), float(values[1])

    @property
    def regression(self) -> bool:
        """Whether outputs are meant to be the targets' own numbers."""
        return self.kind in {"squares", "absolute"} and self.two is None and not self.classes

    def bases(self) -> Iterator[Array]:
        """Yield what a script may have in hand: the last values before and after their squash."""
        yield self.prediction
        yield self.last
        with np.errstate(over="ignore"):
            yield 1 / (1 + np.exp(-self.last))
        if self.last.ndim == 2 and self.last.shape[1] > 1:
            shares = np.exp(self.last - self.last.max(1, keepdims=True))
            yield shares / shares.sum(1, keepdims=True)


def misread(
    made: Array, asked: Array, outputs: Outputs, known: Array | None, *, whole: bool
) -> tuple[str, float]:
    """Return how a comparison of `made` with targets misreads the outputs, and what is so.

    "right" where it reads them well, "" where it is not known. known: the targets of these rows, None
    where the network was not trained on them; whole: whether no rows were left out.
    What is so is the share of the targets that the outputs say; of a regression, of their variance.
    """
    if outputs.regression:
        return _of_regression(made, asked, outputs, known)
    answer, wanted = answers(outputs), _told_in_turn(asked, outputs)
    if wanted is None:
        return "", math.nan
    real = float(np.mean(answer == wanted))
    sure = _are_targets(wanted, known, outputs, real)
    if not sure and known is not None:
        return "", math.nan
    told = told_by(made, outputs)
    if told is not None and _agree(told, answer) and _spread(told):
        return (_though_read_well(made, asked), real) if sure else ("", math.nan)
    hows = _of_classes if outputs.classes else _of_two
    how = next((how for how in hows(made, asked, outputs, whole)), "")
    if how == "raw" and real == 1 and _between(made, asked):
        return "", real  # it may be asked how many outputs have reached their own answers
    return (how, real) if sure or how in OF_OTHERS else ("", math.nan)


def targets(side: Array, outputs: Outputs, known: Array | None) -> Array | None:
    """Return the classes, or the higher values, that a side asks for; None where it holds no targets."""
    wanted = _told_in_turn(side, outputs)
    if wanted is None:
        return None
    real = float(np.mean(answers(outputs) == wanted))
    return wanted if _are_targets(wanted, known, outputs, real) else None


def _told_in_turn(side: Array, outputs: Outputs) -> Array | None:
    """Return the answers that a side names row by row, None where it names none, or but one."""
    wanted = told_by(side, outputs)
    if wanted is None or wanted.shape != answers(outputs).shape or not _spread(wanted):
        return None
    return wanted


def _are_targets(wanted: Array, known: Array | None, outputs: Outputs, real: float) -> bool:
    """Whether these are the targets of the rows; of strange rows, whether they are not made of the outputs."""
    if known is None:
        return real < 1 and len(wanted) >= FEW
    theirs = told_by(known, outputs)
    return theirs is not None and _agree(wanted, theirs)


def _though_read_well(made: Array, asked: Array) -> str:
    """Return what is wrong with comparing answers that are the outputs', "right" where nothing is."""
    if _crossed(made, asked):
        return "broadcast"
    foreign = set(np.unique(made).tolist()) - set(np.unique(asked).tolist())
    return "coded" if foreign and np.unique(made).size == 2 else "right"


def _of_regression(
    made: Array, asked: Array, outputs: Outputs, known: Array | None
) -> tuple[str, float]:
    given = outputs.prediction.reshape(-1)
    if asked.size != given.size or not _fractions(asked) or known is None:
        return "", math.nan
    if not _agree(asked, known):
        return "", math.nan
    real = explained(given, asked.reshape(-1))
    if _like(made, outputs.prediction):
        return "floats", real
    if made.size == given.size and _agree(made, np.round(outputs.prediction)):
        return "rounded-floats", real
    return "", real


def answers(outputs: Outputs) -> Array:
    """Return what the outputs say: the class of each row, or whether each is the higher value."""
    if outputs.classes:
        return np.asarray(outputs.prediction.argmax(1))
    made = outputs.prediction.reshape(-1)
    if outputs.kind == "binary_logits":
        return np.asarray(made > 0)
    return np.asarray(made > sum(outputs.two or (0.0, 1.0)) / 2)


def told_by(side: Array, outputs: Outputs) -> Array | None:
    """Return the classes, or the higher values, that a side names; None where it does not."""
    if outputs.classes:
        if side.shape == outputs.prediction.shape and bool((side.sum(1) == 1).all()):
            return np.asarray(side.argmax(1)) if np.unique(side).size == 2 else None
        return None if _fractions(side) else side.reshape(-1)
    if outputs.two is None:
        return None
    values = set(np.unique(side).tolist())
    for low, high in ((0.0, 1.0), outputs.two):
        if values <= {low, high}:
            return np.asarray(side.reshape(-1) == high)
    return None


def _of_classes(made: Array, asked: Array, outputs: Outputs, whole: bool) -> Iterator[str]:
    count, width = outputs.prediction.shape
    for base in outputs.bases():
        if base.shape != (count, width):
            continue
        highest = base.max(1)
        if made.size == count and (
            _like(made, highest) or (_spread(made) and _agree(made, np.trunc(highest)))
        ):
            yield "values"
        if made.shape == base.shape and _like(made, base):
            yield "raw"
        if whole and made.size == width and _agree(made, base.argmax(0)):
            yield "axis"


def _of_two(made: Array, asked: Array, outputs: Outputs, whole: bool) -> Iterator[str]:
    told, low_high = told_by(made, outputs), outputs.two
    for base in outputs.bases():
        flat = base.reshape(-1)
        if made.size != flat.size:
            continue
        if _like(made, base):
            yield "raw"
        if told is not None and _spread(told) and _agree(told, flat > 0.5):
            yield "threshold"
        for how, cut in (("rounded", np.round), ("truncated", np.trunc)):
            if _spread(made) and _agree(made, cut(base)):
                yield how
    whole_number = made.dtype.kind in "iu" and asked.dtype.kind == "f"  # no bare copy of targets
    if whole_number and made.size == outputs.count and not made.any() and low_high is not None:
        yield "constant"


def _between(made: Array, asked: Array) -> bool:
    """Whether no number lies outside of those that are asked for, as with probabilities."""
    return bool(made.min() >= asked.min() and made.max() <= asked.max())


def _crossed(made: Array, asked: Array) -> bool:
    """Whether each row of one side meets every row of the other, which has an axis more."""
    if made.size != asked.size or made.ndim == asked.ndim:
        return False
    return math.prod(np.broadcast_shapes(made.shape, asked.shape)) > made.size


def _like(made: Array, other: Array) -> bool:
    """Whether two sides are the same numbers, none of them whole, up to a tenth of the variance."""
    if made.size != other.size or not _fractions(made):
        return False
    return explained(made.reshape(-1), other.reshape(-1)) >= ALIKE


def explained(made: Array, other: Array) -> float:
    """Return the share of the variance of `other` that `made` explains, as it is."""
    wide = float(np.var(other))
    rest = float(np.mean((made.astype(np.float64) - other) ** 2))
    return 1 - rest / wide if wide > 0 else -math.inf


def _agree(made: Array, other: np.ndarray[Any, Any]) -> bool:
    if made.size != other.size:
        return False
    return float(np.mean(made.reshape(-1) == other.reshape(-1))) >= ALIKE


def _fractions(side: Array) -> bool:
    """Whether most of these numbers are not whole."""
    return side.dtype.kind == "f" and float(np.mean(side != np.trunc(side))) > 0.5


def _spread(side: Array) -> bool:
    return bool(np.ptp(side.astype(np.float64)) > 0)
