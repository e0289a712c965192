"""A few targets far outside of the range of all others: what is said of them, and how they are mended.

Needs ``tail``.
"""

from __future__ import annotations

import math

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import ClipTargets
from unstuck.core.rule import View
from unstuck.core.transform import clipped_targets, judged_inside

DIGITS = 3  # of the range of the other targets, to which its ends are rounded outwards


def said(view: View, held: float) -> str:
    """Return what is told of them; held: the share of the squared loss in a hundredth of the targets."""
    far, low, high = (view.value("tail", site) for site in ("far", "low", "high"))
    targets = "target lies" if far == 1 else "targets lie"
    return (
        f"{far:.0f} {targets} far outside of {low:.4g} to {high:.4g}, where all others are: a hundredth of"
        f" them holds {held:.0%} of the squared loss, and hardly anything is asked of the network for the"
        " others"
    )


def clipped(view: View, name: str) -> Change:
    """Return the remedy of the rule `name`: these targets are drawn into the range of the others."""
    low, high = view.value("tail", "low"), view.value("tail", "high")
    rows, loss = view.setup.data.rows[view.setup.program.targets[0]], view.line("loss")
    lowest, highest = _outwards(low, high)
    return Change(
        name,
        f"draw targets outside of {lowest:g} to {highest:g} into that range (or correct them)",
        clipped_targets(low, high),
        (
            ClipTargets(
                loss,
                lowest if rows.min() < low else None,
                highest if rows.max() > high else None,
            ),
        )
        if loss
        else (),
        Safety.UNSAFE if loss else Safety.SHOW,
        Kind.DATA,
        meant=True,
        judge=judged_inside(low, high),
    )


def _outwards(low: float, high: float) -> tuple[float, float]:
    """Return the ends of a range with as many digits as its width has a use for."""
    places = DIGITS - 1 - math.floor(math.log10(max(high - low, 1e-300)))
    unit = 10.0**places
    return round(math.floor(low * unit) / unit, places), round(
        math.ceil(high * unit) / unit, places
    )
