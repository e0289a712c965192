"""The habits of a training loop, as their effects showed them."""

from __future__ import annotations

import itertools
from typing import Literal, Protocol

from unstuck.core.setup import Loop
from unstuck.record.torch.clips import Clips
from unstuck.record.torch.idle import Idle
from unstuck.record.torch.modes import Modes

LEFT = 1e-6
"""Of a fresh gradient: less than that is nothing left over."""


class Seen(Protocol):
    """What was seen of a training, by step.

    stale: what was left in the gradients before backward, as a share of what was there after it;
    after_backward, at_step: the gradient's norm after backward and at the update; renewals: the steps
    at which the optimizer was a new one; zeros: whether a cleared gradient was there at the update.
    """

    stale: dict[int, float]
    at_step: dict[int, float]
    after_backward: dict[int, float]
    backwards: dict[int, int]
    renewals: list[int]
    steps: bool
    zeros: bool
    clips: Clips
    modes: Modes
    idle: Idle


def habits(seen: Seen) -> Loop:
    """Return the habits of the loop."""
    clears, every = _clears(seen), _renewed_every(seen.renewals)
    norm, size = seen.clips.limits(seen.at_step, seen.after_backward)
    return Loop(
        clears,
        max(seen.backwards.values(), default=1),
        seen.steps,
        every > 0,
        norm,
        every or 1,
        size,
        clears == "between" and seen.zeros,
        clip_each=seen.clips.each,
        evaluates=seen.modes.since,
    )


def _clears(seen: Seen) -> Literal["before", "between", "never", "later"]:
    """Return when gradients are cleared."""
    emptied = [
        step
        for step, norm in seen.at_step.items()
        if norm == 0.0 and seen.after_backward.get(step, 0.0) > 0.0
    ]
    if emptied and len(emptied) > len(seen.at_step) / 2:
        return "between"
    if not seen.steps and seen.idle.gathers:
        return "later"
    later = [ratio for step, ratio in seen.stale.items() if step > 0]
    if later and sum(ratio > LEFT for ratio in later) > len(later) / 2:
        return "never"
    return "before"


def _renewed_every(renewals: list[int]) -> int:
    """Return after how many updates the optimizer is built anew, 0 where it is kept."""
    gaps = {later - step for step, later in itertools.pairwise(renewals)}
    return gaps.pop() if len(renewals) > 2 and len(gaps) == 1 else 0
