"""Text of somebody else's as it may stand in a page: within a script element, and as a line of source."""

from __future__ import annotations

import json

from markupsafe import Markup, escape

from unstuck.report.chart.svg import shown

LONGEST = 300  # signs of a line that are shown


def in_script(text: str) -> Markup:
    """Return text as JSON that cannot end the script element that it stands in."""
    safe = json.dumps(text).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)


def quoted(text: str) -> Markup:
    """Return a sentence in which what stands between backticks is set as code."""
    pieces = shown(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(shown(text))
    marked = (
        Markup("<code>{}</code>").format(piece) if index % 2 else escape(piece)
        for index, piece in enumerate(pieces)
    )
    return Markup("").join(marked)


def shortened(line: str) -> str:
    """Return a line of source, cut where nobody would read on (data that stand in a script)."""
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} … ({len(line):,} signs)"
