"""The text of a study file as a tree of values, each with the line on which it stands."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from unstuck.lab.mistaken import Mistaken

HEADER = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
KEY = re.compile(r"^\s*([A-Za-z0-9_\-\"'.\s]+?)\s*=")


class Text:
    """A study as it was written. values: the tree; `line` finds where a dotted name stands."""

    def __init__(self, written: str, name: str) -> None:
        self.written, self.name = written, name
        try:
            self.values: dict[str, Any] = tomllib.loads(written)
        except tomllib.TOMLDecodeError as error:
            raise Mistaken(f"{name} is no TOML: {_lower(str(error))}") from error
        self._lines = _places(written)

    @classmethod
    def of(cls, values: dict[str, Any], name: str) -> Text:
        """Return values that were given in Python, which have no lines."""
        made = cls("", name)
        made.values = values
        return made

    def line(self, path: str) -> int | None:
        """Return the line (from 1) of a dotted name, or of the nearest table that holds it."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path.rpartition(".")[0]
        return None

    def wrong(self, path: str, what: str) -> Mistaken:
        """Return the mistake of a value, with its line."""
        at = self.line(path)
        return Mistaken(f"{self.name}{f', line {at}' if at else ''}: {what}")

    def known(self, path: str, table: dict[str, Any], names: Collection[str]) -> None:
        """Refuse the first key of a table that is not one of these names."""
        for key in table:
            if key not in names:
                full = f"{path}.{key}" if path else key
                near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
                meant = f"did you mean {near[0]}?" if near else f"there is {', '.join(names)}"
                where = f" in [{path}]" if path else ""
                raise self.wrong(full, f"there is no key {key!r}{where}; {meant}")


def read(path: Path) -> Text:
    """Return the text of a study file; raises Mistaken where it cannot be read."""
    try:
        return Text(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise Mistaken(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Mistaken(f"{str(path)!r} is no text: byte {error.start} is not UTF-8") from error


def _places(written: str) -> dict[str, int]:
    """Return dotted name -> line of every header and key; within longer values nothing is looked for."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(written.splitlines(), start=1):
        header, key = HEADER.match(line), KEY.match(line)
        if header:
            table = _plain(header[1])
            found.setdefault(table, number)
        elif key:
            name = _plain(key[1])
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
