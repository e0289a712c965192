"""Which pictures there are, in which order and under which headings."""

from __future__ import annotations

from unstuck.core.pictures import Pictures
from unstuck.report.picture.picture import Picture

Part = tuple[str, str, list[Picture]]


def parts(pictures: Pictures | None) -> list[Part]:
    """Return key, title and pictures of each section that has any."""
    return []
