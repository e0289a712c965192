"""Rows with holes in them, values that are no number: how they are mended, and that done."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

import numpy as np

from unstuck.core.setup import Plan, Setup, Tensor
from unstuck.core.transform.unchangeable import Unchangeable

FEW = 0.1  # of the rows: where more are left out, the rest is another sample (Bennett 2001)

Part = Literal["inputs", "targets"]


@dataclasses.dataclass(frozen=True, slots=True)
class Mend:
    """What is done about holes.

    fill: inputs are filled in with the feature's ``median``, or with ``zero`` where a feature has none
    (""  where they are not); leave: rows with a hole in these parts are left out.
    """

    fill: Literal["", "median", "zero"]
    leave: tuple[Part, ...]


def holes(setup: Setup, part: Part) -> Tensor:
    """Return (n,) whether a row's inputs, or its targets, hold what is no number."""
    found: Tensor = np.zeros(setup.data.count, bool)
    for slot in getattr(setup.program, part):
        rows = setup.data.rows.get(slot)
        if rows is not None and rows.dtype.kind == "f":
            finite = np.asarray(np.isfinite(rows).reshape(len(rows), -1).all(1))
            found = found | ~finite[: len(found)]
    return found


def mend(setup: Setup) -> Mend | None:
    """Return what is usual: to leave out a few rows, and to fill in what many lack; None without holes."""
    inputs, targets = holes(setup, "inputs"), holes(setup, "targets")
    if not inputs.any() and not targets.any():
        return None
    few = inputs.mean() <= FEW
    leave: tuple[Part, ...] = ("inputs",) if inputs.any() and few else ()
    leave += ("targets",) if targets.any() else ()
    if few:
        return Mend("", leave)
    kept = [medians(rows) for rows in _numbers(setup)]
    return Mend("median" if all(np.isfinite(one).all() for one in kept) else "zero", leave)


def with_numbers(setup: Setup, how: Mend) -> Setup:
    """Fill inputs in, and leave out rows, so that only numbers are left."""
    if how.fill:
        setup = _filled(setup, how.fill)
    out = np.zeros(setup.data.count, bool)
    for part in how.leave:
        out |= holes(setup, part)
    return _without(setup, out) if out.any() else setup


def medians(rows: Tensor) -> Tensor:
    """Return the lower median of the rows (n, …), as torch's nanmedian; NaN where there is no number."""
    ordered = np.sort(rows, axis=0)  # NaN last
    count = (~np.isnan(rows)).sum(0, keepdims=True)
    found = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, 0)[0]
    return np.asarray(found)


def _numbers(setup: Setup) -> list[Tensor]:
    """Return the inputs that may have holes."""
    given = [setup.data.rows[slot] for slot in setup.program.inputs]
    return [rows for rows in given if rows.dtype.kind == "f"]


def _filled(setup: Setup, how: str) -> Setup:
    rows = dict(setup.data.rows)
    for slot in setup.program.inputs:
        if rows[slot].dtype.kind == "f":
            value = medians(rows[slot]) if how == "median" else np.zeros((), rows[slot].dtype)
            rows[slot] = np.where(np.isfinite(rows[slot]), rows[slot], value)
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows))


def _without(setup: Setup, out: Tensor) -> Setup:
    """Leave these rows (n,) out, of as many passes over the rest."""
    keep = np.flatnonzero(~out)
    if len(keep) < 2:
        raise Unchangeable("hardly a row would be left")
    rows = {slot: array[keep] for slot, array in setup.data.rows.items()}
    originals = {slot: array[keep] for slot, array in setup.data.originals.items()}
    data = dataclasses.replace(setup.data, rows=rows, originals=originals)
    return dataclasses.replace(setup, data=data, plan=_shorter(setup, len(keep)))


def _shorter(setup: Setup, count: int) -> Plan:
    plan, before = setup.plan, setup.data.count
    if plan.order == "full":
        return dataclasses.replace(plan, batch=count, first=())
    steps = plan.steps
    if plan.order != "fresh":
        steps = round(steps * math.ceil(count / plan.batch) / math.ceil(before / plan.batch))
    return dataclasses.replace(plan, batch=min(plan.batch, count), steps=max(steps, 1), first=())
