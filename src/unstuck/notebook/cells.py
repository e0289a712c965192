"""The cells of a session as files: a line of one is ``In [3]:7``, as the notebook shows it."""

from __future__ import annotations

import dataclasses
import linecache
from typing import Any

from unstuck.core.recording import Recording

HIDDEN = "#"
"""Stands in front of what is IPython's and no Python, so that the lines of a cell keep their numbers."""


@dataclasses.dataclass(frozen=True, slots=True)
class Cells:
    """names: file as python calls it -> name as it is told; sources: name -> text that is Python; latest: the one that runs."""

    names: dict[str, str]
    sources: dict[str, str]
    latest: str


def cells(shell: Any) -> Cells:
    """Return the cells that an IPython shell has run so far."""
    raw = shell.history_manager.input_hist_raw
    latest = len(raw) - 1  # what a magic runs may be counted as the next one
    numbers = {
        file: min(number, latest)
        for file, number in getattr(shell.compile, "_filename_map", {}).items()
    }
    names = {file: _name(number) for file, number in numbers.items()}
    sources = {_name(number): as_python(raw[number]) for number in sorted(set(numbers.values()))}
    return Cells(names, sources, _name(latest))


def _name(number: int) -> str:
    return f"In [{number}]"


def as_python(cell: str) -> str:
    """Return a cell's text with magics and shell commands as comments, line for line."""
    lines = cell.splitlines()
    return "".join(
        f"{HIDDEN if line.lstrip().startswith(('%', '!')) else ''}{line}\n" for line in lines
    )


def shown(text: str) -> str:
    """Return a text in which cells are quoted, as they were typed."""
    return text.replace(f"{HIDDEN}%%", "%%")


def known(found: Cells) -> None:
    """Let whoever quotes a line of source find the cells by name."""
    for name, source in found.sources.items():
        lines = shown(source).splitlines(keepends=True)
        linecache.cache[name] = (len(source), None, lines, name)


def renamed(recording: Recording, found: Cells) -> Recording:
    """Return a recording whose lines are those of cells, by name."""
    made = _renamed(recording, found.names)
    assert isinstance(made, Recording)
    return made


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """Replace each text that is one of the files, however deep it lies; what has none stays the same object."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, tuple | list):
        parts = [_renamed(part, names) for part in value]
        same = all(new is old for new, old in zip(parts, value, strict=True))
        return value if same else type(value)(parts)
    if isinstance(value, dict):
        made = {_renamed(key, names): _renamed(part, names) for key, part in value.items()}
        same = all(made.get(key) is part for key, part in value.items())
        return value if same else made
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
        new = {name: _renamed(part, names) for name, part in fields.items()}
        changed = {name: part for name, part in new.items() if part is not fields[name]}
        return dataclasses.replace(value, **changed) if changed else value
    return value
