"""What was found, as a table of text: one line a cell, its share with the exact interval."""

from __future__ import annotations

from collections.abc import Iterable

from unstuck.core.shares import Found, Share
from unstuck.report.phase.words import HEADS, rows, summary

__all__ = ["bar", "summary", "table"]

BAR = 16  # characters of the bar that shows a share


def table(found: Found) -> Iterable[str]:
    """Yield the lines of a study's table."""
    written, words = rows(found), len(found.names)
    wide = [max(len(row[at]) for row in written) for at in range(words + len(HEADS))]
    for row, one in zip(written, [None, *found.shares], strict=True):
        left = [text.ljust(w) for text, w in zip(row[:words], wide[:words], strict=True)]
        right = [text.rjust(w) for text, w in zip(row[words:], wide[words:], strict=True)]
        yield "  ".join([*left, *right, *([bar(one)] if one is not None else [])])


def bar(one: Share) -> str:
    """Return a share as a bar."""
    full = round(BAR * one.share) if one.of else 0
    return ("█" * full).ljust(BAR, "·")
