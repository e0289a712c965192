"""Rows that were mixed before they came to the network, when their array was given its shape."""

from __future__ import annotations

import functools
import math

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.finding import Evidence
from unstuck.core.rule import View
from unstuck.core.transform import READ, with_rows_reread

NAME = "wrong-axis"


def mixed(view: View) -> tuple[str, Evidence, Change] | None:
    """Return what is said of inputs without a signal that have one along another axis; needs ``reread_r2``."""
    real, place = view.value("reread_r2", "learner"), view.value("reread_r2", "axis")
    if not real > READ or not math.isfinite(place):
        return None
    now = view.value("reread_r2", "now")
    message = (
        f"the rows of the inputs were mixed when they got their shape: as they stand no learner explains more"
        f" than {max(now, 0.0):.0%} of unseen targets, and {real:.0%} if the rows had lain along axis {place:.0f}"
        " before (`reshape` and `view` keep the order of the numbers; `transpose` and `permute` move axes)"
    )
    change = Change(
        NAME,
        f"move the axis of the rows ({place:.0f}) to the front before the inputs are given their shape",
        functools.partial(with_rows_reread, place=int(place)),
        (),
        Safety.SHOW,
        Kind.BUG,
    )
    return message, Evidence("reread_r2", real, READ, "of unseen targets", "learner"), change
