"""Splices: pieces of new text for spans of the old one, put together whatever edit they come from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from unstuck.patch.unpatchable import Unpatchable


@dataclasses.dataclass(frozen=True, slots=True)
class Splice:
    """Replace text[start:end] of a file by `text`.

    partner: for one half of a wrapping, the other end of what is wrapped; it decides which of two
    wrappings of one spot is the outer one.
    """

    path: str
    start: int
    end: int
    text: str
    partner: int | None = None

    @property
    def order(self) -> tuple[int, int, int]:
        """Where the splice comes among others: closing halves, plain insertions, opening halves."""
        if self.partner is None:
            return self.start, 1 if self.start == self.end else 3, 0
        opens = self.partner > self.start
        return self.start, 2 if opens else 0, -self.partner


def wrap(path: str, span: tuple[int, int], before: str, after: str) -> tuple[Splice, Splice]:
    """Put text around a span, whose inside stays free for other splices."""
    start, end = span
    return (
        Splice(path, start, start, before, partner=end),
        Splice(path, end, end, after, partner=start),
    )


def ordered(splices: Iterable[Splice]) -> list[Splice]:
    """Return the splices in the order of the text, each once; refuse those that contradict each other.

    Equal replacements and equal insertions are one. Wrappings may enclose, and be enclosed by, anything.
    """
    unique = sorted(dict.fromkeys(splices), key=lambda splice: splice.order)
    reached = 0
    for splice in unique:
        if splice.start < reached:
            raise Unpatchable(f"two changes want to rewrite the same text of {splice.path}")
        reached = max(reached, splice.end)
    return unique


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Return the text with the splices of its file put in."""
    pieces, reached = [], 0
    for splice in ordered(splices):
        pieces += [text[reached : splice.start], splice.text]
        reached = splice.end
    return "".join([*pieces, text[reached:]])


def moved(offset: int, splices: Iterable[Splice]) -> int:
    """Return where a character of the old text that no splice removes stands in the new text."""
    shift = sum(
        len(splice.text) - (splice.end - splice.start)
        for splice in ordered(splices)
        if splice.end <= offset
    )
    return offset + shift
