"""What was found, as a table of text: one line a cell, its share with the exact interval."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

from unstuck.core.shares import Found, Share, Value
from unstuck.report.numbers import duration, number

BAR = 16  # characters of the bar that shows a share


def table(found: Found) -> Iterable[str]:
    """Yield the lines of a study's table."""
    names = [short(name, found.names) for name in found.names]
    heads = [*names, "share", "95 % interval", "learned", "steps", "loss"]
    rows = [
        [*(said(one.value(name)) for name in found.names), *_numbers(one)] for one in found.shares
    ]
    wide = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
    for row, one in zip([heads, *rows], [None, *found.shares], strict=True):
        cells = [text.ljust(w) if at < len(names) else text.rjust(w)
                 for at, (text, w) in enumerate(zip(row, wide, strict=True))]  # fmt: skip
        yield "  ".join(cells) + ("  " + bar(one) if one is not None else "")


def summary(found: Found) -> str:
    """Return a sentence about all of it."""
    said_ = (
        f"{len(found.shares):,} cells, {found.networks:,} networks, {number(found.steps)} updates"
    )
    if found.seconds:
        said_ += f" in {duration(found.seconds)} of processor time"
    return said_ + (f"; {found.missing:,} chunks are missing" if found.missing else "")


def _numbers(one: Share) -> list[str]:
    if not one.of:
        return ["–", "not run", "0/0", "–", "–"]
    steps = "–" if one.steps is None else f"{one.steps:,.0f}"
    interval = f"{one.low:.3f} to {one.high:.3f}"
    loss = "inf" if math.isinf(one.loss) else number(one.loss)
    return [f"{one.share:.3f}", interval, f"{one.learned}/{one.of}", steps, loss]


def bar(one: Share | None) -> str:
    """Return a share as a bar."""
    full = 0 if one is None or not one.of else round(BAR * one.share)
    return ("█" * full).ljust(BAR, "·")


def short(name: str, among: Iterable[str]) -> str:
    """Return the last part of a dotted name, where that is enough to tell it from the others."""
    last = name.rpartition(".")[2]
    return last if sum(other.rpartition(".")[2] == last for other in among) == 1 else name


def said(value: Value) -> str:
    """Return a value of a setting as people write it: widths are ``8-8``."""
    if isinstance(value, list) and all(isinstance(one, int) for one in value):
        return "-".join(str(one) for one in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value)
