"""Other rows: the same data on another scale."""

from __future__ import annotations

import dataclasses

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


def standardised_inputs(setup: Setup) -> Setup:
    """Give every input feature mean 0 and standard deviation 1 over the training rows."""
    rows = dict(setup.data.rows)
    for slot in setup.program.inputs:
        if rows[slot].dtype.kind != "f":
            raise Unchangeable("the inputs are whole numbers that the network looks up")
        mean, spread = moments(rows[slot])
        rows[slot] = ((rows[slot] - mean) / spread).astype(rows[slot].dtype)
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows))
