"""Settings, shares and intervals as people write them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

from unstuck.core.shares import Found, Share, Value
from unstuck.report.numbers import duration, number

HEADS = ("share", "95 % interval", "learned", "median steps", "median loss")


def short(name: str, among: Iterable[str]) -> str:
    """Return the last part of a dotted name, where that is enough to tell it from the others."""
    last = name.rpartition(".")[2]
    return last if sum(other.rpartition(".")[2] == last for other in among) == 1 else name


def said(value: Value) -> str:
    """Return a value of a setting as people write it: widths are ``8-8``."""
    if isinstance(value, list | tuple) and all(isinstance(one, int) for one in value):
        return "-".join(str(one) for one in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value)


def axis_name(axis: tuple[str, ...], found: Found) -> str:
    """Return what an axis is called: its setting, or the group of those that it sets together."""
    if len(axis) == 1:
        return short(axis[0], found.names)
    return axis[0].partition(".")[0]


def place(axis: tuple[str, ...], one: Share) -> str:
    """Return where a cell stands on an axis, in words; of several settings, those that are 0 say nothing."""
    values = [one.value(name) for name in axis]
    if len(axis) == 1:
        return said(values[0])
    return " ".join(said(value) for value in values if value not in (None, 0, 0.0))


def told(one: Share) -> tuple[str, ...]:
    """Return what was found of a cell, under `HEADS`."""
    if not one.of:
        return ("–", "not run", "0/0", "–", "–")
    steps = "–" if one.steps is None else f"{one.steps:,.0f}"
    loss = "inf" if math.isinf(one.loss) else number(one.loss)
    interval = f"{one.low:.3f} to {one.high:.3f}"
    return (f"{one.share:.3f}", interval, f"{one.learned}/{one.of}", steps, loss)


def rows(found: Found) -> tuple[tuple[str, ...], ...]:
    """Return the table of a study: heads, and a row for each cell."""
    heads = (*(short(name, found.names) for name in found.names), *HEADS)
    cells = ((*(said(one.value(name)) for name in found.names), *told(one)) for one in found.shares)
    return (heads, *cells)


def summary(found: Found) -> str:
    """Return a sentence about all of it."""
    text = (
        f"{len(found.shares):,} cells, {found.networks:,} networks, {number(found.steps)} updates"
    )
    if found.seconds:
        text += f" in {duration(found.seconds)} of processor time"
    return text + (f"; {found.missing:,} chunks are missing" if found.missing else "")
