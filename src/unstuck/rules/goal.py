"""Whether the run fell short of its goal: the question that most faults begin with."""

from __future__ import annotations

import math

from unstuck.core.finding import Evidence
from unstuck.core.rule import View

STILL = 0.02  # of all progress, in the last tenth: a fifth of what a steady descent gains there
FLAT = 1e-6  # of the way to the goal: float32 rounding of a mean loss is about a tenth of this


def missed(view: View) -> Evidence | None:
    """Return the final loss beside the goal that it did not reach; None if it did or none is known.

    Needs ``ladder``. A final loss that is no number has missed every goal.
    """
    goal, end = view.value("ladder", "goal"), view.value("ladder", "end")
    if not math.isfinite(goal) or end <= goal:
        return None
    return Evidence("ladder", end, goal, "loss", "end")


def descending(view: View) -> Evidence | None:
    """Return the late progress of a run that was still getting better when it stopped.

    Needs ``progress``. A run that is done gains nothing in its last tenth; one in full descent gains
    about a tenth of everything there.
    """
    late, total = view.value("progress", "late"), view.value("progress", "total")
    threshold = STILL * max(total, 0.0)
    if not late > max(threshold, FLAT):
        return None
    return Evidence("progress", late, threshold, "share of the way", "late")
