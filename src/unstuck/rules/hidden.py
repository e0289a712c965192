"""A signal that no standard learner finds as the rows stand: shared by the answers about the data."""

from __future__ import annotations

import math

from unstuck.core.finding import Evidence
from unstuck.core.rule import View

NO_SIGNAL = 0.02  # of the targets' variance, unseen: chance alone scores that on 50 rows and more
ENOUGH_ROWS = 50  # below it a learner that finds nothing says little about the data
APART = 1.0  # array by itself: with a second one, rows no longer belong together
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


def no_signal(view: View) -> tuple[Evidence, ...]:
    """Return what learners explain of unseen rows where that is nothing, and the network no better.

    Needs ``ladder``, ``rows`` and ``signal_r2``.
    """
    end, goal = view.value("ladder", "end"), view.value("ladder", "goal")
    shares = {site: view.value("signal_r2", site) for site in ("linear", "learner")}
    known = {site: share for site, share in shares.items() if math.isfinite(share)}
    if not known or max(known.values()) > NO_SIGNAL or end <= goal:
        return ()
    if view.value("rows", "rows") < ENOUGH_ROWS:
        return ()
    best = sorted(known, key=lambda site: known[site])
    return tuple(
        Evidence("signal_r2", known[site], NO_SIGNAL, "of unseen targets", site, above=False)
        for site in best
    )


def shuffled(view: View) -> Evidence | None:
    """Return how many arrays were brought into another order each; needs ``shuffled_apart``."""
    count = view.value("shuffled_apart", "arrays")
    return Evidence("shuffled_apart", count, APART, "arrays", "arrays") if count > APART else None
