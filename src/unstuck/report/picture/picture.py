"""A picture with everything that is said about it; it draws itself at any width, in any paint."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from markupsafe import Markup

from unstuck.report.chart.paint import Paint

Draw = Callable[[float, Paint], Markup]

WIDE = 700.0
HALF = 530.0
PHONE = 350.0
"""Pixels: a picture is drawn in its own width and for a phone, and the page shows the one that fits."""


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """key: the name of its file and place on the page; title: what it shows; caption: what to see in it;
    said: the same for somebody who cannot see it; embeds: what of the user's data is in it, "" if nothing;
    table: head and rows of the numbers behind it, where they are few; width: in which it is drawn.
    """

    key: str
    title: str
    caption: str
    said: str
    draw: Draw
    embeds: str = ""
    table: tuple[tuple[str, ...], ...] = ()
    width: float = HALF
