"""The user's side of a report: how the script was called, and what stands on its lines."""

from __future__ import annotations

import dataclasses
import linecache
import os
import tokenize
from pathlib import Path

from unstuck.core.recording import Where


@dataclasses.dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of source with its number; here: whether it is the one that is meant."""

    number: int
    text: str
    here: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """A script as it was called from a folder.

    target: the words behind `unstuck run`, such as ``("train.py", "--lr", "0.1")``; folder: where it
    was called; files are shown relative to it. changed: files, as findings name them, that are not what was
    run any more: their lines mean nothing, and are not shown.
    """

    target: tuple[str, ...] = ()
    folder: Path = Path()
    changed: frozenset[str] = frozenset()

    def name(self, file: str) -> str:
        """Return a file's name as it is shown: relative to the folder where it lies below it."""
        absolute = (self.folder / file).absolute()
        try:
            return absolute.relative_to(self.folder.absolute()).as_posix()
        except ValueError:
            return file.replace(os.sep, "/")

    def place(self, where: Where) -> str:
        """Return ``file:line`` as it is shown."""
        return f"{self.name(where.file)}:{where.line}"

    def text(self, where: Where) -> str | None:
        """Return a line of source as it is now on disk; None where there is none, or it has changed."""
        found = next((line for line in self.around(where, 0)), None)
        return None if found is None else found.text

    def around(self, where: Where, lines: int) -> tuple[SourceLine, ...]:
        """Return a line of source with so many before and after it; nothing where there is none."""
        if where.file in self.changed:
            return ()
        text = _lines(str(self.folder / where.file))
        if not 0 < where.line <= len(text):
            return ()
        first, last = max(1, where.line - lines), min(len(text), where.line + lines)
        return tuple(
            SourceLine(number, text[number - 1], number == where.line)
            for number in range(first, last + 1)
        )


def _lines(file: str) -> tuple[str, ...]:
    if file in linecache.cache and not os.path.exists(file):  # a cell of a notebook
        return tuple(line.rstrip("\n") for line in linecache.getlines(file))
    try:
        with tokenize.open(file) as stream:
            return tuple(stream.read().splitlines())
    except (OSError, SyntaxError, UnicodeDecodeError, ValueError):
        return ()
