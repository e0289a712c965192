"""The training ready for measuring as it was meant: on all rows that a loader holds, on numbers only, and by
the scores of classes where the loss is of the class that was chosen."""

from __future__ import annotations

from unstuck.core.setup import Setup
from unstuck.core.transform import Unchangeable, comparable, cuts, scored
from unstuck.probe import held, holes
from unstuck.probe.subject import Subject, subject


def ready(setup: Setup) -> Subject:
    """Return the subject of a recorded training. Raises as `subject` does."""
    return subject(_by_scores(holes.mended(held.whole(setup))))


def _by_scores(setup: Setup) -> Setup:
    try:
        return scored(setup)
    except Unchangeable:
        return comparable(setup) if cuts(setup.program) else setup
