"""Other habits of the training loop: when gradients are cleared, the rate, the number of steps, the start."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from unstuck.core.setup import Setup


def clearing(setup: Setup, when: Literal["before", "between", "never"] = "before") -> Setup:
    """Clear gradients at another point of the loop."""
    return dataclasses.replace(setup, loop=dataclasses.replace(setup.loop, clears=when))


def kept_optimizer(setup: Setup) -> Setup:
    """Build the optimizer once, so that its state lives as long as the training."""
    return dataclasses.replace(setup, loop=dataclasses.replace(setup.loop, recreated=False))


def with_rate(setup: Setup, factor: float) -> Setup:
    """Multiply the learning rate of every parameter group."""
    groups = tuple({**group, "lr": group["lr"] * factor} for group in setup.optimizer.groups)
    return dataclasses.replace(setup, optimizer=dataclasses.replace(setup.optimizer, groups=groups))


def with_steps(setup: Setup, factor: float) -> Setup:
    """Train for more updates; `factor` multiplies their number."""
    steps = math.ceil(setup.plan.steps * factor)
    return dataclasses.replace(setup, plan=dataclasses.replace(setup.plan, steps=steps))


def redrawn(setup: Setup) -> Setup:
    """Start from fresh draws instead of the recorded weights."""
    return dataclasses.replace(setup, start="draw")
