"""What a fit came to: the model, its loss in the user's units, and the account of how it was found."""

from __future__ import annotations

import dataclasses

from torch import nn

from unstuck.solver.descent import End
from unstuck.solver.lowest import Bound

THERE = 0.01  # of the gap from a constant to the bound: within it a fit is as good as the bound


@dataclasses.dataclass(frozen=True, slots=True)
class Start:
    """One start, and what was reached from it; losses in the user's units.

    name: `as given` for the model's own weights, else `drawn 1` and so on. begun: the loss before the
    first step, behind whatever was solved directly. end: why the descent ended.
    """

    name: str
    begun: float
    loss: float
    steps: int
    evaluations: int
    seconds: float
    end: End


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A fitted copy of a model, and how it was found.

    model: takes the user's raw rows; its architecture is the user's own unless `wrapped` (a
    standardisation stands before it) or `proposed` (what was changed, in words) say otherwise.
    loss: of this model, in its own precision, on all rows, in the units of the user's loss; chosen: who
    chose that loss. constant: what the best constant prediction scores; lowest: what cannot be undercut,
    and why (None where the loss is not understood). target: the loss asked for. evaluations: passes over
    all rows; flops: operations, by counting; seconds: wall clock of the whole call.
    """

    model: nn.Module
    loss: float
    loss_name: str
    chosen: str
    solver: str
    starts: tuple[Start, ...]
    constant: float | None
    lowest: Bound | None
    target: float | None
    steps: int
    evaluations: int
    flops: float
    seconds: float
    weights: int
    wrapped: bool
    proposed: str | None
    notes: tuple[str, ...]

    @property
    def reached(self) -> bool:
        """Whether the loss is at the target, or, without one, within 1 % of the gap of the bound."""
        if self.target is not None:
            return self.loss <= self.target
        if self.lowest is None or self.constant is None:
            return False
        return self.loss <= self.lowest.loss + THERE * (self.constant - self.lowest.loss)

    @property
    def report(self) -> str:
        """The account of the fit, a few lines for people."""
        return "\n".join([*_lines(self), *(f"Note: {note}." for note in self.notes)])

    def __str__(self) -> str:
        return self.report


def _lines(fit: Fitted) -> list[str]:
    tried = f"{len(fit.starts)} start{'s' if len(fit.starts) != 1 else ''}"
    lines = [
        f"Loss {number(fit.loss)} ({fit.loss_name}, {fit.chosen}) by {fit.solver} from {tried}:"
        f" {fit.steps:,} steps, {fit.evaluations:,} passes over the rows, {fit.seconds:.2g} s.",
        _standing(fit),
        "Starts: " + "; ".join(_told(start) for start in fit.starts) + ".",
    ]
    if fit.target is not None:
        word = "reached" if fit.reached else "not reached"
        lines.insert(1, f"The target {number(fit.target)} was {word}.")
    if fit.proposed is not None:
        lines.insert(0, f"Not your network as it is, but a proposal: {fit.proposed}.")
    return lines


def _standing(fit: Fitted) -> str:
    if fit.lowest is None or fit.constant is None:
        return (
            "How low this loss can go is not known: it is none that unstuck knows by its formula."
        )
    constant = f"a constant prediction scores {number(fit.constant)}"
    return f"At least {number(fit.lowest.loss)} is left ({fit.lowest.why}); {constant}."


def _told(start: Start) -> str:
    return f"{start.name} {number(start.begun)} → {number(start.loss)} ({start.end})"


def number(loss: float) -> str:
    """Return a loss with four significant digits."""
    return f"{loss:.4g}"
