"""Other learning rates, as changes: shared by the two faults that a rate can have."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import SetArgument
from unstuck.core.rule import View
from unstuck.core.transform import with_rate

ADAPTIVE = frozenset(
    {"Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "Rprop"}
)
"""Optimizers whose step does not grow with the gradient, so that curvature sets it no edge."""


def tidy(value: float) -> float:
    """Return the nearest of 1, 2 and 5 times a power of ten (nearest as a ratio)."""
    below = math.floor(math.log10(value))
    candidates = [float(f"{digit}e{power}") for power in (below, below + 1) for digit in (1, 2, 5)]
    return min(candidates, key=lambda candidate: abs(math.log(candidate / value)))


def other_rates(view: View, name: str, factors: Sequence[float]) -> tuple[Change, ...]:
    """Return a change of the learning rate for each factor, rounded to numbers that people write.

    Needs ``setup``. A rate that is written into the update by hand, or differs between groups of
    parameters, has no argument that could be set: it is shown only.
    """
    optimizer = view.setup.optimizer
    if not (math.isfinite(optimizer.rate) and optimizer.rate > 0):
        return ()
    values = dict.fromkeys(tidy(optimizer.rate * factor) for factor in factors)
    return tuple(_to(view, name, value, size) for size, value in enumerate(values))


def _to(view: View, name: str, value: float, size: int) -> Change:
    optimizer, line = view.setup.optimizer, view.line("optimizer")
    one_rate = len({group.get("lr") for group in optimizer.groups}) == 1
    writable = line is not None and one_rate and not optimizer.by_hand
    edits = (
        (SetArgument(line, optimizer.kind, "lr", 1, value, optimizer.rate),)
        if line is not None and writable
        else ()
    )
    return Change(
        name,
        f"set the learning rate to {value:g} (it is {optimizer.rate:g})",
        functools.partial(with_rate, factor=value / optimizer.rate),
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.SETTING,
        size,
    )
