"""Which scripts the population is made of: drawn, healthy before the planting, and run after it."""

from __future__ import annotations

import itertools
import random

from unstuck.casebook.planted import tasks, truth
from unstuck.casebook.planted.faults import sown
from unstuck.casebook.planted.trained import Broken, Runs
from unstuck.casebook.planted.truth import Case

SHARES = ((0, 25), (1, 35), (2, 25), (3, 15))
"""How many faults are planted, and in how many of a hundred scripts."""


def case(index: int, seed: int, runs: Runs) -> Case:
    """Return the script of this number, redrawn until it is healthy before the planting, and runs after."""
    for attempt in itertools.count():
        draw = random.Random(f"{seed} {index} {attempt}")
        healthy = tasks.drawn(draw)
        goal = truth.goal(healthy, runs)
        counts, weights = zip(*SHARES, strict=True)
        planted = sown(healthy, draw.choices(counts, weights)[0], draw)
        if goal is None:
            continue
        try:
            return truth.tried(healthy, planted, goal, runs)
        except Broken:
            continue
    raise AssertionError("unreachable")
