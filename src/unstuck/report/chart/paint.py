"""The few colours of a picture: those of the page that it stands on, or fixed ones for a file."""

from __future__ import annotations

import dataclasses

FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', sans-serif"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Paint:
    """ink: words and what is compared with; soft: words beside; rule: axes and grids; accent: where to look;
    ground: behind everything; classes: one colour a class, the first of them the accent.
    """

    ink: str
    soft: str
    rule: str
    accent: str
    ground: str
    classes: tuple[str, ...]


PAGE = Paint(
    "var(--ink)",
    "var(--soft)",
    "var(--rule)",
    "var(--accent)",
    "var(--ground)",
    ("var(--accent)", *(f"var(--class{number})" for number in range(1, 6))),
)
"""The colours of the page, which follow its theme."""

FILE = Paint(
    "#1b2430",
    "#566270",
    "#dce1e5",
    "#0b6795",
    "#ffffff",
    ("#0b6795", "#b4571c", "#2e7d4f", "#7a4fa3", "#977216", "#66707a"),
)
"""The colours of a figure in a file of its own: the light theme's."""
