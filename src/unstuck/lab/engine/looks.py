"""The steps before which it is looked whether a network has met the goal."""

from __future__ import annotations

import functools

EVERY = 50  # steps from the start that are all looked at
FINE = 1.02  # ratio of later ones: when a network got there is known to two parts in a hundred


@functools.cache
def looks(steps: int) -> frozenset[int]:
    """Return the numbers of updates made (from 0) at which the loss is compared with the goal."""
    found, at = set(range(min(EVERY, steps))), float(EVERY)
    while at < steps:
        found.add(round(at))
        at *= FINE
    return frozenset(step for step in found if step < steps)
