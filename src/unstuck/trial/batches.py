"""The rows that each step of a trial sees, following the recorded plan."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from unstuck.core.setup import Setup
from unstuck.trial.compiled import row_slots

Batch = tuple[Tensor, ...]


def batches(setup: Setup, seed: int) -> Iterator[Batch]:
    """Yield the rows of step after step without end: the recorded first steps, then the plan's own."""
    arrays = [torch.from_numpy(np.ascontiguousarray(setup.data.rows[s])) for s in row_slots(setup)]
    if setup.plan.order == "full":
        whole = tuple(arrays) * setup.loop.backwards
        while True:
            yield whole
    rows = numbers(setup, seed)
    while True:
        picked = [torch.from_numpy(next(rows)) for _ in range(setup.loop.backwards)]
        yield tuple(array[index] for index in picked for array in arrays)


def _whole_passes(
    setup: Setup, seed: int
) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Yield batches of one size that together are all rows in each pass, as patience listens to their mean loss.

    They are a little smaller than the script's, whose last batch is smaller yet; a few rows come twice.
    """
    count, patience = setup.data.count, setup.loop.patience
    assert patience is not None
    size = math.ceil(count / patience.per)
    generator = np.random.default_rng(seed)
    while True:
        sequence = setup.plan.order == "sequence"
        order = np.arange(count) if sequence else generator.permutation(count)
        order = np.resize(order, size * patience.per)
        yield from order.reshape(patience.per, size)


def numbers(setup: Setup, seed: int) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Yield row numbers (batch,) for step after step."""
    plan, count = setup.plan, setup.data.count
    if setup.loop.patience is not None:
        yield from _whole_passes(setup, seed)
    size = min(plan.batch, count)
    for first in plan.first:
        if len(first) == size:
            yield np.asarray(first, dtype=np.int64)
    generator = np.random.default_rng(seed)
    while plan.order == "fresh":
        yield generator.integers(0, count, size)
    while True:
        order = np.arange(count) if plan.order == "sequence" else generator.permutation(count)
        for begin in range(0, count - size + 1, size):
            yield order[begin : begin + size]
