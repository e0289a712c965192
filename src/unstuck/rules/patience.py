"""A training that ended before its count was reached: what is told of it, and how one that ended itself is let go on."""

from __future__ import annotations

import math

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.rule import View
from unstuck.core.transform import without_patience


def ended(view: View, planned: float) -> str:
    """Return after how much the training ended, and why where that is known; needs ``setup``."""
    made, patience = view.setup.made, view.setup.loop.patience
    if patience is None:
        return f"the loop was ended after {made} of {planned:.0f} updates"
    return (
        f"the training ended itself after {math.ceil(made / patience.per)} passes, since more than"
        f" {patience.passes} in a row had not lowered the loss by {patience.tol:g}"
    )


def patient(name: str) -> Change:
    """Return the remedy of the rule `name` where the training ends itself: it makes all updates."""
    say = "make all updates that are planned, whatever they gain"
    return Change(name, say, without_patience, (), Safety.SHOW, Kind.SETTING)
