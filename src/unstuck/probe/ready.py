"""The training ready for measuring on the rows that were meant: all that a loader holds, numbers only."""

from __future__ import annotations

from unstuck.core.setup import Setup
from unstuck.probe import held, holes
from unstuck.probe.subject import Subject, subject


def ready(setup: Setup) -> Subject:
    """Return the subject of a recorded training. Raises as `subject` does."""
    return subject(holes.mended(held.whole(setup)))
