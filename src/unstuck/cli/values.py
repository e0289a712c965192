"""The kinds of values that options take: budgets, times, lists of rules.

Each reader refuses what it cannot read with a sentence that says how it is written.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

import click

from unstuck.runner import duration

NUMBER = r"\d+(?:\.\d+)?"
STEPS = re.compile(rf"({NUMBER})\s*([kMG]?)\s*steps", re.IGNORECASE)
SCALE = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


@dataclasses.dataclass(frozen=True, slots=True)
class Budget:
    """What proofs may cost: seconds, or steps of one network (which repeat exactly)."""

    seconds: float | None = None
    network_steps: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class StopAfter:
    """When to end the script early: after so many updates, or so many seconds."""

    steps: int | None = None
    seconds: float | None = None


def budget(ctx: click.Context, param: click.Parameter, text: str | None) -> Budget:
    """Read ``60``, ``60s``, ``2m`` or ``50Msteps``."""
    if text is None:
        return Budget()
    steps = STEPS.fullmatch(text.strip())
    if steps is not None and float(steps[1]) > 0:
        return Budget(network_steps=round(float(steps[1]) * SCALE[steps[2].lower()]))
    try:
        bare = re.fullmatch(NUMBER, text.strip())
        return Budget(seconds=duration.seconds(f"{text}s" if bare else text))
    except ValueError as error:
        raise _refused(f"a budget reads like 60, 60s, 2m or 50Msteps, not {text!r}") from error


def stop_after(ctx: click.Context, param: click.Parameter, text: str | None) -> StopAfter:
    """Read ``1000`` (updates), ``90s`` or ``5m``."""
    if text is None:
        return StopAfter()
    if text.strip().isdecimal() and int(text) > 0:
        return StopAfter(steps=int(text))
    try:
        return StopAfter(seconds=duration.seconds(text))
    except ValueError as error:
        raise _refused(f"it reads like 1000 (updates), 90s or 5m, not {text!r}") from error


def rules(ctx: click.Context, param: click.Parameter, texts: Sequence[str]) -> tuple[str, ...]:
    """Read names or codes of rules, separated by commas; return their names."""
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    return tuple(dict.fromkeys(_rule(name) for name in names))


def _rule(name: str) -> str:
    from unstuck.rules import UnknownRule, rule

    try:
        return rule(name).name
    except UnknownRule as error:
        raise _refused(str(error)) from error


def writable(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that could not be written once the script has ended."""
    if path is not None and path.is_dir():
        raise _refused(f"{str(path)!r} is a folder")
    if path is not None and not path.absolute().parent.is_dir():
        raise _refused(f"there is no folder {str(path.parent)!r} to write {path.name!r} in")
    return path


def _refused(message: str) -> click.BadParameter:
    return click.BadParameter(message)
