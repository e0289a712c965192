"""Other rows: the same data on another scale."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from unstuck.core.setup import Setup, Tensor
from unstuck.core.transform.unchangeable import Unchangeable


def moments(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each feature (the last axis; one value for 1-d rows).

    rows: (n, …). Features that never vary get the spread 1, so that dividing by it does no harm.
    """
    axes = tuple(range(rows.ndim - 1)) if rows.ndim > 1 else (0,)
    mean = rows.mean(axis=axes, dtype=np.float64)
    spread = rows.std(axis=axes, dtype=np.float64)
    return mean, np.where(spread > 0, spread, 1.0)


def with_batch(setup: Setup, batch: int) -> Setup:
    """Cut the same rows into batches of another size, for as many passes over them."""
    plan, count = setup.plan, setup.data.count
    if plan.order not in {"epochs", "sequence"} or not setup.data.complete:
        raise Unchangeable("the rows are not cut into batches, pass by pass")
    steps = round(plan.steps * math.ceil(count / batch) / math.ceil(count / plan.batch))
    changed = dataclasses.replace(plan, batch=batch, steps=max(steps, 1), first=())
    loop = setup.loop
    if loop.patience is not None:
        patience = dataclasses.replace(loop.patience, per=math.ceil(count / batch))
        loop = dataclasses.replace(loop, patience=patience)
    return dataclasses.replace(setup, plan=changed, loop=loop)


def with_all_rows(setup: Setup) -> Setup:
    """Draw each batch anew from all rows that the loader holds, instead of seeing its first again."""
    if not setup.data.unseen:
        raise Unchangeable("nothing is known to be held back by a loader")
    data = dataclasses.replace(setup.data, rows=setup.data.unseen, complete=True, unseen={})
    plan = dataclasses.replace(setup.plan, order="fresh", first=())
    return dataclasses.replace(setup, data=data, plan=plan)


LOST = 0.5  # of the variance; a scale of five steps loses 4 % of it, and one of two steps 25 %


def fractions_lost(before: Tensor, after: Tensor) -> float:
    """Return the share of the variance of rows (n, …) that rows of equal whole numbers differ by.

    Columns that never varied have nothing to lose, and the others count alike.
    """
    columns = (part.reshape(len(part), -1).astype(np.float64).T for part in (before, after))
    shares = []
    for column, kept in zip(*columns, strict=True):
        total = column.var()
        if total > 0:
            _, group = np.unique(kept, return_inverse=True)
            mean = np.bincount(group, column) / np.bincount(group)
            shares.append(float(np.mean((column - mean[group]) ** 2) / total))
    return float(np.mean(shares)) if shares else 0.0


def emptied(setup: Setup) -> dict[int, Tensor]:
    """Return slot -> original rows, where whole numbers hold little of inputs, and nothing of targets."""
    rows = setup.data.rows
    found = {}
    for slot, before in setup.data.originals.items():
        lost = fractions_lost(before, rows[slot])
        if lost > LOST and (slot in setup.program.inputs or np.ptp(rows[slot]) == 0):
            found[slot] = before
    return found


def with_fractions(setup: Setup) -> Setup:
    """Give the network the numbers that its rows were before they became whole ones."""
    found = emptied(setup)
    if not found:
        raise Unchangeable("nothing is known to have been lost to whole numbers")
    rows = {**setup.data.rows, **found}
    data = dataclasses.replace(setup.data, rows=rows, originals={})
    return dataclasses.replace(setup, data=data)


def standardised_inputs(setup: Setup) -> Setup:
    """Give every input feature mean 0 and standard deviation 1 over the training rows."""
    rows = dict(setup.data.rows)
    for slot in setup.program.inputs:
        if rows[slot].dtype.kind != "f":
            raise Unchangeable("the inputs are whole numbers that the network looks up")
        mean, spread = moments(rows[slot])
        rows[slot] = ((rows[slot] - mean) / spread).astype(rows[slot].dtype)
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows))
