"""Paints the report on a terminal, or writes it plainly where none is; the only part that knows rich."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Literal, TextIO

from rich.console import Console
from rich.text import Text

from unstuck.core.diagnosis import Diagnosis
from unstuck.report.lines import Line, Page, Style
from unstuck.report.marks import marks_for
from unstuck.report.screen import screen
from unstuck.report.source import Source

Colour = Literal["auto", "always", "never"]

PAINT: dict[Style, str] = {
    "": "",
    "bad": "bold red",
    "warn": "bold yellow",
    "good": "bold green",
    "strong": "bold",
    "faint": "dim",
    "code": "",
    "place": "cyan",
    "goal": "green",
}

WIDTH = 80  # where the stream is no terminal, and at least so much where it is
WIDEST = 100  # longer lines are tiring to read


def show(
    diagnosis: Diagnosis,
    stream: TextIO,
    *,
    source: Source,
    colour: Colour = "auto",
    verbosity: int = 0,
    next_: bool = True,
) -> None:
    """Write the report to a stream, in what it can show; `next_`: end it with what to type next."""
    lines = screen(diagnosis, page(stream, verbosity=verbosity), source, next_=next_)
    paint(lines, stream, colour=colour)


def page(stream: TextIO, *, verbosity: int = 0) -> Page:
    """Return the page that a stream offers: its width and signs; only terminals cut long lines."""
    width = Console(file=stream).width if stream.isatty() else WIDTH
    marks = marks_for(getattr(stream, "encoding", None), os.environ)
    cuts = stream.isatty() and verbosity < 1
    return Page(marks, max(40, min(width, WIDEST)), cuts, verbosity)


def paint(lines: Iterable[Line], stream: TextIO, *, colour: Colour = "auto") -> None:
    """Write lines; colours only on a terminal without NO_COLOR, unless told otherwise."""
    plain = colour == "never" or (colour == "auto" and os.environ.get("NO_COLOR"))
    console = Console(
        file=stream,
        force_jupyter=False,  # there it would write past the stream
        force_terminal=True if colour == "always" else (False if plain else None),
        no_color=False if colour == "always" else None,
        color_system="auto" if colour != "always" else "standard",
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
    )
    for row in lines:
        console.print(Text.assemble(*((span.text, PAINT[span.style]) for span in row)))
