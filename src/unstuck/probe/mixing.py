"""Whether the rows of a batch are mixed: whether a prediction depends on what else is in the batch."""

from __future__ import annotations

import dataclasses
import math

import torch
from torch import Tensor

from unstuck.core.recording import Recording
from unstuck.core.setup import Op, Setup
from unstuck.core.transform import axis, with_axis
from unstuck.core.transform.program import reading, with_ops
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.replay import interpret, tensors

ROWS = 64  # of one batch, at most: mixing shows in any number
SEPARATE = 1e-3  # of the predictions' spread: rows that are not mixed move by rounding, 1e-6


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``rows_mixed``: half of a batch is replaced, and the other half's predictions are watched."""
    count = min(max(subject.setup.plan.batch, 2), subject.count, ROWS)
    if count < 2:
        return {"rows_mixed": "one row has no others to be mixed with"}
    setup = _without_batch_norm(subject.setup)
    rows = {slot: part[:count] for slot, part in subject.rows.items()}
    moved = mixed(setup, rows)
    slot, dim = _blamed(setup, rows) if moved > SEPARATE else (math.nan, math.nan)
    found = {"prediction": moved, "slot": float(slot), "dim": float(dim)}
    return {"rows_mixed": table("rows_mixed", (0,), [found])}


def mixed(setup: Setup, rows: dict[int, Tensor]) -> float:
    """Return how far predictions of a batch move when every second row is replaced by the first one.

    Over their spread between the rows; the largest move of a row that was kept.
    """
    inputs = setup.program.inputs
    kept = torch.arange(0, len(rows[inputs[0]]), 2)
    other = {slot: part.clone() for slot, part in rows.items()}
    for slot in inputs:
        other[slot][1::2] = other[slot][0]
    before, after = _predicted(setup, rows), _predicted(setup, other)
    if len(before) != len(rows[inputs[0]]) or before.shape != after.shape:
        return math.nan
    spread = float(before.std(0, unbiased=False).max())
    moved = float((before - after)[kept].abs().max())
    return moved / spread if spread > 0 else (math.inf if moved > 0 else 0.0)


def _predicted(setup: Setup, rows: dict[int, Tensor]) -> Tensor:
    """Return predictions from the recorded start; what is drawn on the way is drawn alike each time."""
    run, weights = interpret(setup.program), tensors.weights(setup)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return run(weights, rows, (setup.program.prediction,))[setup.program.prediction].double()


def _without_batch_norm(setup: Setup) -> Setup:
    """Return the setup without what mixes rows on purpose: normalisation over the batch."""
    for op in [op for op in setup.program.ops if op.short == "batch_norm"]:
        before, after = op.slots()[0], op.outs[0]
        kept = [other for other in setup.program.ops if other is not op]
        setup = with_ops(setup, tuple(reading(other, after, before) for other in kept))
        if setup.program.prediction == after:
            program = dataclasses.replace(setup.program, prediction=before)
            setup = dataclasses.replace(setup, program=program)
    return setup


def _blamed(setup: Setup, rows: dict[int, Tensor]) -> tuple[float, float]:
    """Return the output of the operation along whose other axis rows stay apart, and that axis."""
    values = _every(setup, rows)
    for op in setup.program.ops:
        for dim in _others(op, values):
            changed = with_axis(setup, op.outs[0], dim)
            try:
                apart = mixed(changed, rows) <= SEPARATE and _scored(changed, rows)
            except (RuntimeError, IndexError, TypeError, ValueError):
                continue
            if apart:
                return op.outs[0], dim
    return math.nan, math.nan


def _every(setup: Setup, rows: dict[int, Tensor]) -> dict[int, Tensor]:
    with torch.no_grad():
        return interpret(setup.program)(tensors.weights(setup), rows)


def _others(op: Op, values: dict[int, Tensor]) -> list[int]:
    """Return the axes that an operation along the rows could work along instead, the last one first."""
    here, reads = axis(op), op.slots()
    if here is None or not reads:
        return []
    dims = values[reads[0]].dim()
    return list(range(dims - 1, 0, -1)) if here in {0, -dims} else []


def _scored(setup: Setup, rows: dict[int, Tensor]) -> bool:
    """Whether the loss can still be computed, as a number."""
    loss = _every(setup, rows)[setup.program.loss]
    return bool(torch.isfinite(loss).all())
