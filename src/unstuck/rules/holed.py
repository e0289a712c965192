"""Rows that hold what is no number: what is said of them, and how they are mended."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import MendRows
from unstuck.core.finding import Evidence
from unstuck.core.rule import View
from unstuck.core.transform import Mend, holes, mend, with_numbers

PARTS = ("inputs", "targets")


def signs(view: View) -> tuple[Evidence, ...]:
    """Return the share of rows with holes where these spoil the loss; needs ``holes``."""
    return tuple(
        Evidence("holes", share, 0.0, "of the rows", part)
        for part in PARTS
        if (share := view.value("holes", part)) > 0
    )


def said(view: View, parts: list[str]) -> str:
    """Return how many rows have a hole, and where; needs ``setup``."""
    hit = _hit(view, *parts)
    where = " or ".join(parts)
    return f"{hit} of {view.setup.data.count} rows hold nan or an infinity in their {where}"


def _hit(view: View, *parts: str) -> int:
    """Return how many rows have a hole in one of these parts."""
    found = [holes(view.setup, "inputs" if part == "inputs" else "targets") for part in parts]
    return int(np.logical_or.reduce(found).sum())


def mended(view: View, name: str) -> Change | None:
    """Return the change that leaves numbers only, None where there is nothing to mend; needs ``setup``."""
    how = mend(view.setup)
    if how is None:
        return None
    forward, loss, data = view.line("forward"), view.line("loss"), view.setup.data.rows
    program = view.setup.program
    edits: tuple[MendRows, ...] = ()
    if forward is not None and loss is not None and len(program.inputs) == 1 and program.targets:
        given, asked = data[program.inputs[0]], data[program.targets[0]]
        dims = (given.ndim, asked.ndim)
        edits = (MendRows(forward, loss, how.fill, how.leave, dims, bool(np.isinf(given).any())),)
    gives_up = how.fill == "zero"
    return Change(
        name,
        " and ".join(_words(view, how)),
        functools.partial(with_numbers, how=how),
        edits,
        (Safety.UNSAFE if gives_up else Safety.SAFE) if edits else Safety.SHOW,
        Kind.BUG,
        meant=True,
    )


def _words(view: View, how: Mend) -> Iterator[str]:
    if how.fill:
        value = "the feature's median" if how.fill == "median" else "zero"
        yield f"fill in what is no number in the inputs with {value}"
    if how.leave:
        count = _hit(view, *how.leave)
        rows = "row" if count == 1 else f"{count} rows"
        yield f"leave out the {rows} with what is no number in the {' or '.join(how.leave)}"
