"""Edits of the loss, and of what is computed on the way to it."""

from __future__ import annotations

import dataclasses

from unstuck.core.recording import Where


@dataclasses.dataclass(frozen=True, slots=True)
class MatchShapes:
    """Give prediction and target of the loss on this line the same shape."""

    loss: Where
    prediction: tuple[int, ...]
    target: tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class UseLogits:
    """Drop the sigmoid at the network's end and let the loss take logits."""

    sigmoid: Where
    loss: Where
    loss_built: Where | None


@dataclasses.dataclass(frozen=True, slots=True)
class TakeShares:
    """Tell the loss that is built or named on one of these lines that it is given probabilities (Keras)."""

    lines: tuple[Where, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class TakeLogits:
    """Tell the loss that is built or named on one of these lines that it is given raw scores (Keras)."""

    lines: tuple[Where, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class RenameCall:
    """Call another function, or build another module, on the first of these lines that has an old name."""

    lines: tuple[Where, ...]
    names: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class FlipSign:
    """Take the minus out of the expression on this line, or give it one where it has none."""

    loss: Where


@dataclasses.dataclass(frozen=True, slots=True)
class GuardOperand:
    """Keep the operand of an operation on this line away from where it has no value.

    function: ``log``, ``truediv`` and so on, or the call's name; how: ``add`` a tiny number to it, or
    keep it ``above`` or ``below`` this value; count: how many such operations the line ran.
    """

    line: Where
    function: str
    how: str
    value: float
    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class LetGradients:
    """Take out what stops gradients on these lines: ``detach()`` and its like, or a ``no_grad`` block."""

    lines: tuple[Where, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class WeighClasses:
    """Give the loss on the first of these lines that builds or calls one the weights of classes."""

    lines: tuple[Where, ...]
    weights: tuple[float, ...]
