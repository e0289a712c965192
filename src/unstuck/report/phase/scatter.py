"""Cells that were drawn at random, as dots over two of their settings, the darker the larger the share."""

from __future__ import annotations

import math

from markupsafe import Markup

from unstuck.core.shares import Found
from unstuck.report.chart.frame import Frame, picture
from unstuck.report.chart.paint import Paint
from unstuck.report.chart.scale import Scale
from unstuck.report.chart.svg import Child, element
from unstuck.report.phase.words import short
from unstuck.report.picture.picture import WIDE, Picture

DECADES = 20.0  # ratio of the largest to the smallest from which on an axis is logarithmic


def scatter(found: Found) -> list[Picture]:
    """Return dots over the first two settings that are numbers; none where there are fewer."""
    numeric = [name for name in found.names if _numeric(found, name)]
    if len(numeric) < 2:
        return []
    across, up = numeric[:2]
    words = f"{len(found.shares)} cells by {across} and {up}"

    def draw(width: float, paint: Paint) -> Markup:
        frame = Frame(
            _scale(found, across, 56.0, width - 16.0), _scale(found, up, 320.0, 36.0), paint
        )
        dots: list[Child] = [
            element("circle", cx=frame.x(one.value(across)), cy=frame.y(one.value(up)), r=7.0,
                    fill=paint.accent, fill_opacity=f"{0.06 + 0.94 * one.share:.3g}", stroke=paint.soft)
            for one in found.shares
            if one.of
        ]  # fmt: skip
        axes = frame.axes(short(across, found.names), short(up, found.names))
        return picture(width, 364.0, words, [axes, *dots], paint)

    return [Picture(f"{found.name}-cells", "Cells that were drawn", "", words, draw, width=WIDE)]


def _numeric(found: Found, name: str) -> bool:
    values = [one.value(name) for one in found.shares]
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    return numbers and len(set(values)) > 2


def _scale(found: Found, name: str, start: float, end: float) -> Scale:
    values = [float(one.value(name)) for one in found.shares]
    low, high = min(values), max(values)
    if low > 0 and high / low >= DECADES:
        return Scale(low / 1.2, high * 1.2, start, end, True)
    slack = 0.05 * (high - low) or math.fabs(low) or 1.0
    return Scale(low - slack, high + slack, start, end)
