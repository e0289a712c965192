"""Other habits of the training loop: when gradients are cleared, the rate, the number of steps, the start."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from unstuck.core.setup import Setup


def clearing(setup: Setup, when: Literal["before", "between", "never"] = "before") -> Setup:
    """Clear gradients at another point of the loop."""
    return dataclasses.replace(setup, loop=dataclasses.replace(setup.loop, clears=when))


def stepping(setup: Setup) -> Setup:
    """Let an update follow each backward pass, with gradients cleared where that was to come later."""
    clears = "before" if setup.loop.clears == "later" else setup.loop.clears
    return dataclasses.replace(
        setup, loop=dataclasses.replace(setup.loop, steps=True, clears=clears)
    )


def all_held(setup: Setup) -> Setup:
    """Let the optimizer hold every parameter: those that it lacks, in its first group."""
    parameters = tuple(
        dataclasses.replace(one, group=max(one.group, 0)) for one in setup.parameters
    )
    return dataclasses.replace(setup, parameters=parameters)


def kept_optimizer(setup: Setup) -> Setup:
    """Build the optimizer once, so that its state lives as long as the training."""
    return dataclasses.replace(setup, loop=dataclasses.replace(setup.loop, recreated=False))


def with_rate(setup: Setup, factor: float) -> Setup:
    """Multiply the learning rate of every parameter group."""
    groups = tuple({**group, "lr": group["lr"] * factor} for group in setup.optimizer.groups)
    return dataclasses.replace(setup, optimizer=dataclasses.replace(setup.optimizer, groups=groups))


def with_decay(setup: Setup, factor: float) -> Setup:
    """Multiply the penalty on the weights of every parameter group."""
    groups = tuple(
        {**group, "weight_decay": (group.get("weight_decay") or 0.0) * factor}
        for group in setup.optimizer.groups
    )
    return dataclasses.replace(setup, optimizer=dataclasses.replace(setup.optimizer, groups=groups))


def unscheduled(setup: Setup) -> Setup:
    """Keep the learning rate that the optimizer was built with from the first step to the last."""
    groups = tuple(
        {**group, "lr": group.get("initial_lr", group["lr"])} for group in setup.optimizer.groups
    )
    optimizer = dataclasses.replace(setup.optimizer, groups=groups, schedule=())
    return dataclasses.replace(setup, optimizer=optimizer)


def with_clip(setup: Setup, factor: float) -> Setup:
    """Clip gradients at `factor` times as much; infinite: not at all."""
    loop = setup.loop
    limits = (
        None if one is None or math.isinf(factor) else one * factor
        for one in (loop.clip_norm, loop.clip_value)
    )
    norm, value = limits
    loop = dataclasses.replace(loop, clip_norm=norm, clip_value=value)
    return dataclasses.replace(setup, loop=loop)


def with_steps(setup: Setup, factor: float) -> Setup:
    """Train for more updates; `factor` multiplies their number."""
    steps = math.ceil(setup.plan.steps * factor)
    return dataclasses.replace(setup, plan=dataclasses.replace(setup.plan, steps=steps))


def without_patience(setup: Setup) -> Setup:
    """Make all updates that are planned, whatever they gain."""
    return dataclasses.replace(setup, loop=dataclasses.replace(setup.loop, patience=None))


def redrawn(setup: Setup) -> Setup:
    """Start from fresh draws instead of the recorded weights."""
    return dataclasses.replace(setup, start="draw")
