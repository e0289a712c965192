"""Lines of styled text, before anything paints them: wrapping, cropping and plain ASCII live here."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterable
from typing import Literal

from unstuck.report.marks import Marks, cropped, plain

Style = Literal["", "bad", "warn", "good", "strong", "faint", "code", "place", "goal"]


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one style."""

    text: str
    style: Style = ""


Line = tuple[Span, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """What lines have to fit: width in columns, marks, and whether what is too long is cut.

    verbosity: -1 quiet, 0 normal, 1 everything.
    """

    marks: Marks
    width: int = 80
    crops: bool = True
    verbosity: int = 0

    @property
    def verbose(self) -> bool:
        """Whether everything is told."""
        return self.verbosity > 0


EMPTY: Line = ()


def line(*spans: Span | str) -> Line:
    """Return a line of these pieces; a bare string has no style."""
    return tuple(Span(span) if isinstance(span, str) else span for span in spans)


def text_of(spans: Iterable[Span]) -> str:
    """Return a line's text without its styles."""
    return "".join(span.text for span in spans)


def safe(text: str) -> str:
    """Return text that cannot move the cursor or colour the screen: one line, printable only."""
    expanded = text.expandtabs(4)
    return "".join(c if c.isprintable() else ("?" if c != "\n" else " ") for c in expanded)


def paragraph(page: Page, text: str, *, first: Line = (), indent: int = 0) -> list[Line]:
    """Wrap text to the page behind the line `first`; later lines are indented."""
    width = max(20, page.width)
    pieces = textwrap.wrap(
        plain(safe(text), page.marks),
        width,
        initial_indent="\0" * len(text_of(first)),
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
    if not pieces:
        return [first] if first else []
    return [line(*first, pieces[0].lstrip("\0")), *(line(piece) for piece in pieces[1:])]


def fitted(page: Page, spans: Line) -> Line:
    """Return the line, cut to the page's width where the page cuts."""
    spans = tuple(Span(plain(safe(span.text), page.marks), span.style) for span in spans)
    if not page.crops or len(text_of(spans)) <= page.width:
        return spans
    kept: list[Span] = []
    left = page.width
    for span in spans:
        if len(span.text) >= left:
            rest = span.text if span is spans[-1] else span.text + page.marks.more
            return (*kept, Span(cropped(rest, left, page.marks), span.style))
        kept.append(span)
        left -= len(span.text)
    return tuple(kept)
