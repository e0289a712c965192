"""The user's side of a report: how the script was called, and what stands on its lines."""

from __future__ import annotations

import dataclasses
import linecache
import os
import tokenize
from pathlib import Path

from unstuck.core.recording import Where


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """A script as it was called from a folder.

    target: the words behind `unstuck run`, such as ``("train.py", "--lr", "0.1")``; folder: where it
    was called; files are shown relative to it.
    """

    target: tuple[str, ...] = ()
    folder: Path = Path()

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
        """Return a line of source as it is now on disk; None where there is none."""
        lines = _lines(str(self.folder / where.file))
        return lines[where.line - 1] if 0 < where.line <= len(lines) else None


def _lines(file: str) -> tuple[str, ...]:
    if file in linecache.cache and not os.path.exists(file):  # a cell of a notebook
        return tuple(line.rstrip("\n") for line in linecache.getlines(file))
    try:
        with tokenize.open(file) as stream:
            return tuple(stream.read().splitlines())
    except (OSError, SyntaxError, UnicodeDecodeError, ValueError):
        return ()
