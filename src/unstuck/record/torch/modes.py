"""Whether a network that began in training mode was put into evaluation mode, and stayed there."""

from __future__ import annotations

import dataclasses
from typing import Any

from unstuck.core.setup import Op, Program, Tensor
from unstuck.core.transform import by_batch, dropped, norm_arguments


class Modes:
    """What the steps that are watched closely showed of it.

    since: the first of them in evaluation mode, after which all were (0: the last was in training mode);
    gathered: slot of the first step's program -> the statistics that BatchNorm had gathered by then.
    """

    def __init__(self) -> None:
        self.since = 0
        self.gathered: dict[int, Tensor] = {}

    def note(self, step: int, first: Program, now: Program) -> None:
        """Compare a step with the first one, which did the same operations."""
        acted = [(a, b) for a, b in zip(first.ops, now.ops, strict=True) if _acts(a)]
        if not acted or any(_acts(b) for _, b in acted):
            self.since, self.gathered = 0, {}
        elif not self.since:
            self.since = step
            self.gathered = {
                ours: now.constants[theirs]
                for a, b in acted
                for ours, theirs in zip(_statistics(a), _statistics(b), strict=True)
                if theirs in now.constants
            }

    def told(self, program: Program) -> Program:
        """Return the program of the first step with the statistics that later ones went by."""
        if not self.gathered:
            return program
        return dataclasses.replace(program, constants={**program.constants, **self.gathered})


def _acts(op: Op) -> bool:
    """Whether an operation does what it does in training mode only."""
    return by_batch(op) or dropped(op) > 0


def _statistics(op: Op) -> list[int]:
    """Return the slots of the running mean and variance of an operation that has them."""
    given: dict[str, Any] = norm_arguments(op) or {}
    values = [given.get("running_mean"), given.get("running_var")]
    return [value["slot"] for value in values if isinstance(value, dict) and "slot" in value]
