"""Settings from pyproject.toml: the table ``[tool.unstuck]`` of the nearest one, under the options' names."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import click

from unstuck.cli.mistake import nearest

FILE = "pyproject.toml"
SETTABLE = frozenset(
    {"json", "report", "output", "budget", "no_prove", "rerun", "members", "random_state", "stop_after", "no_data",
     "select", "ignore", "fail_on", "quiet", "verbose", "color", "seeds", "unsafe"}
)  # fmt: skip
"""Parameters that a file or a variable may set; what acts on the user's files is said on the line."""

LISTS = frozenset({"select", "ignore"})


def defaults(folder: Path) -> dict[str, Any]:
    """Return parameter -> value from the nearest pyproject.toml at or above a folder."""
    file = next((f for p in (folder, *folder.parents) if (f := p / FILE).is_file()), None)
    table = {} if file is None else _table(file)
    named = {_parameter(key, file): value for key, value in table.items()}
    return {name: _value(name, value) for name, value in named.items()}


def _table(file: Path) -> dict[str, Any]:
    try:
        with open(file, "rb") as stream:
            table = tomllib.load(stream).get("tool", {}).get("unstuck", {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise click.UsageError(f"{file} cannot be read: {error}") from error
    if not isinstance(table, dict):
        raise click.UsageError(f"tool.unstuck in {file} is not a table")
    return table


def _parameter(key: str, file: Path | None) -> str:
    name = key.replace("-", "_")
    if name not in SETTABLE:
        known = [setting.replace("_", "-") for setting in SETTABLE]
        raise click.UsageError(
            f"[tool.unstuck] of {file}: there is no {key!r}; {nearest(key, known)}"
        )
    return name


def _value(name: str, value: Any) -> Any:
    """Return a list where an option may be repeated: click would take a string letter by letter."""
    return [value] if name in LISTS and isinstance(value, str) else value
