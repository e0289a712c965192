"""Rows that a hidden layer has merged: what no later layer can tell apart again."""

from __future__ import annotations

import math

from unstuck.core.finding import Evidence
from unstuck.core.rule import View

MERGED = 0.01  # of the constant's loss: solved starts have none of it, stuck ones sit on .5 to 1


def merged(view: View, index: int) -> Evidence | None:
    """Return the worst layer's collision floor beyond the data's own; index 0: start, -1: end.

    Needs ``collision_floor`` and ``ladder``. Equal inputs with different targets are merged before
    any layer sees them, so that share (the ladder's floor over its constant) does not count.
    """
    table = view.table("collision_floor")
    floor, constant = view.value("ladder", "floor"), view.value("ladder", "constant")
    own = floor / constant if math.isfinite(floor) and constant > 0 else 0.0
    threshold = own + MERGED
    shares = [(table.at(site, index), site) for site in table.sites]
    worst, site = max((pair for pair in shares if math.isfinite(pair[0])), default=(0.0, ""))
    if worst <= threshold:
        return None
    return Evidence("collision_floor", worst, threshold, "share of the constant's loss", site)
