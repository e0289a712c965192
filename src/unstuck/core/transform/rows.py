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
    return dataclasses.replace(setup, plan=changed)


def standardised_inputs(setup: Setup) -> Setup:
    """Give every input feature mean 0 and standard deviation 1 over the training rows."""
    rows = dict(setup.data.rows)
    for slot in setup.program.inputs:
        if rows[slot].dtype.kind != "f":
            raise Unchangeable("the inputs are whole numbers that the network looks up")
        mean, spread = moments(rows[slot])
        rows[slot] = ((rows[slot] - mean) / spread).astype(rows[slot].dtype)
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows))
