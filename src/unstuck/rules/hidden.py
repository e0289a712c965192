"""A signal that no standard learner finds as the rows stand: shared by the answers about the data."""

from __future__ import annotations

from unstuck.core.finding import Evidence
from unstuck.core.rule import View

ALIGNED = 0.3  # of unseen targets: among 100 rows of noise the best shift has a third of it
PARITY = 0.5  # of the targets: more than all other parities together can explain


def misaligned(view: View) -> Evidence | None:
    """Return what learners explain once the targets are moved; needs ``aligned_r2``."""
    share = view.value("aligned_r2", "learner")
    found = Evidence("aligned_r2", share, ALIGNED, "of unseen targets", "learner")
    return found if share > ALIGNED else None


def parity(view: View) -> Evidence | None:
    """Return what the best parity explains of the targets; needs ``parity_r2``."""
    share = view.value("parity_r2", "share")
    found = Evidence("parity_r2", share, PARITY, "of the targets", "share")
    return found if share > PARITY else None
