"""Rows that were mixed when their array was given another shape, read in the order in which they were written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from unstuck.core.setup import Setup, Tensor
from unstuck.core.transform.unchangeable import Unchangeable

READ = 0.2  # of unseen targets: ten times what counts as a signal in rows as they stand


def readings(rows: Tensor) -> Iterator[int]:
    """Yield the axes along which the rows (n, …) may have lain before they were given their shape.

    Axes of one number are no other reading; of one row alone nothing was mixed.
    """
    if len(rows) < 2:
        return
    for place in range(1, rows.ndim):
        if rows.shape[place] > 1:
            yield place


def reread(rows: Tensor, place: int) -> Tensor:
    """Return rows (n, …) of the same shape, read as if they had lain along axis `place` before.

    So with ``place=1`` for an array (d, n) that was made (n, d) by `reshape` and not by a transpose.
    """
    count, *rest = rows.shape
    before = (*rest[:place], count, *rest[place:])
    return np.ascontiguousarray(np.moveaxis(rows.reshape(before), place, 0))


def with_rows_reread(setup: Setup, place: int) -> Setup:
    """Read the rows of the one input in the order in which they were written."""
    if len(setup.program.inputs) != 1 or not setup.data.complete:
        raise Unchangeable("not all rows of one input are known in their order")
    (slot,) = setup.program.inputs
    rows = {**setup.data.rows, slot: reread(setup.data.rows[slot], place)}
    return dataclasses.replace(setup, data=dataclasses.replace(setup.data, rows=rows, originals={}))
