"""A signal that no standard learner finds as the rows stand: shared by the answers about the data."""

from __future__ import annotations

from unstuck.core.finding import Evidence
from unstuck.core.rule import View

ALIGNED = 0.3  # of unseen targets: among 100 rows of noise the best shift has a third of it


def misaligned(view: View) -> Evidence | None:
    """Return what learners explain once the targets are moved; needs ``aligned_r2``."""
    share = view.value("aligned_r2", "learner")
    found = Evidence("aligned_r2", share, ALIGNED, "of unseen targets", "learner")
    return found if share > ALIGNED else None
