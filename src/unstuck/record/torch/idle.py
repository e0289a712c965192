"""Backward passes that no update of these parameters followed: what a loop looks like that never steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from unstuck.core.recording import Where
from unstuck.record.curve import Curve
from unstuck.record.torch.optimizers import Built

ENOUGH = 8
"""Passes after which a loop is taken for a training that lacks its updates."""

WATCHED = 64
"""Passes that are watched closely; more than these are hardly ever gathered for one update."""


class Idle:
    """The passes before the first update. strange: an optimizer that stepped, but held none of these
    parameters; own: one that holds them; cut: what clipping left, by pass.
    """

    def __init__(self) -> None:
        self.count = 0
        self.losses = Curve()
        self.left: dict[int, float] = {}
        self.made: dict[int, float] = {}
        self.cut: dict[int, tuple[float, tuple[float, float]]] = {}
        self.own: Built | None = None
        self.strange: Built | None = None
        self.strange_step: Where | None = None

    def heard(self, loss: float, left: float) -> None:
        """Note the loss of a pass, and the norm of the gradient that it finds."""
        self.losses.add(self.count, loss)
        if self.count < WATCHED:
            self.left[self.count] = left
        self.count += 1

    def received(self, total: float) -> None:
        """Note the norm of the gradient after the pass, and what of it was there before."""
        step = self.count - 1
        if step in self.left:
            self.made[step] = total
            self.left[step] = self.left[step] / total if total else 0.0

    def clipped(self, total: float, peaks: tuple[float, float]) -> None:
        """Note the norm of the gradient after it was clipped, and its largest number before and after."""
        step = self.count - 1
        if 0.0 < total < 0.999 * self.made.get(step, 0.0):
            self.cut[step] = total, peaks

    def stepped(self, strange: Built, where: Where | None) -> None:
        """Note that an optimizer stepped which holds none of the parameters."""
        if self.strange is None:
            self.strange, self.strange_step = strange, where

    @property
    def gathers(self) -> bool:
        """Whether gradients are cleared, but not at every pass: several were meant for one update."""
        later = [ratio for step, ratio in self.left.items() if step]
        return any(ratio == 0.0 for ratio in later) and any(ratio > 0.0 for ratio in later)

    @property
    def resting(self) -> bool:
        """Whether enough passes have been watched."""
        return self.count >= WATCHED


class Idling(Protocol):
    """A training as it is seen from here."""

    step: int

    def idled(self) -> None:
        """Take the passes for steps."""


def settle(trainings: Iterable[Idling]) -> None:
    """Where no training of the script has made an update, take their passes for steps."""
    every = list(trainings)
    if not any(training.step for training in every):
        for training in every:
            training.idled()
