"""Where a loss that is no number was born: the first operation to make such a value of proper ones."""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np
import torch
from torch import Tensor

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Recording
from unstuck.core.setup import Json, Op, Setup
from unstuck.core.transform import guard, guarded, operand
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.probe.training import Training, batches
from unstuck.replay import interpret
from unstuck.replay.interpret import Run, Values

STEPS = 20_000  # repeated at most
SECONDS = 6.0  # of computing, for all repetitions together
LINES = 3  # operations to look for, one after another, each with those before it guarded


@dataclasses.dataclass(frozen=True, slots=True)
class Birth:
    """An operation that made what is no number of numbers, forward or in its gradient.

    lowest, nearest, highest: of its operand; nearest is the smallest |value|. NaN without operand.
    """

    op: Op
    step: int
    lowest: float
    nearest: float
    highest: float
    backward: bool


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``breakdown``, one row an operation, in the order of their steps."""
    if np.isfinite(recording.tables["loss"].values).all():
        return {"breakdown": INAPPLICABLE + "the loss is a number from first to last"}
    if not all(_finite(rows) for rows in subject.rows.values()):
        return {"breakdown": "the rows themselves hold what is no number"}
    setup, found = subject.setup, list[Birth]()
    until = time.process_time() + SECONDS
    while len(found) < LINES:
        born = birth(setup, until)
        if born is None:
            break
        found.append(born)
        mend = guard(born.op, born.lowest, born.nearest, born.highest)
        if mend is None:
            break
        setup = guarded(setup, (mend,))
    spoilt = recording.tables.get("holes")
    if not found and spoilt is not None and np.isfinite(spoilt.values).any():
        return {"breakdown": INAPPLICABLE + "what is no number was in the rows"}
    if not found:
        return {
            "breakdown": "no operation that made it was found in the steps that could be repeated"
        }
    found.sort(key=lambda one: one.step)
    rows = [
        {
            "slot": float(one.op.outs[0]),
            "lowest": one.lowest,
            "nearest": one.nearest,
            "highest": one.highest,
            "backward": float(one.backward),
        }
        for one in found
    ]
    return {"breakdown": table("breakdown", tuple(one.step for one in found), rows)}


def birth(setup: Setup, until: float = math.inf) -> Birth | None:
    """Train from the recorded start until the loss or a gradient is no number; None if none came.

    until: the processor time at which to give up.
    """
    training, run, source = Training(setup), interpret(setup.program), batches(setup)
    for step in range(min(setup.plan.steps, STEPS)):
        training.clear()
        for _ in range(setup.loop.backwards):
            rows = next(source)
            loss = run(training.weights, rows, (setup.program.loss,))[setup.program.loss]
            if not math.isfinite(float(loss.detach())):
                return _forward(setup, run(training.weights, rows), step)
            loss.backward()  # type: ignore[no-untyped-call]
            if not _usable(training):
                return _backward(setup, run, training.weights, rows, step)
        training.update()
        if time.process_time() > until:
            return None
    return None


def _usable(training: Training) -> bool:
    return all(w.grad is None or _finite(w.grad) for w in training.weights.values())


def _forward(setup: Setup, values: Values, step: int) -> Birth | None:
    for op in setup.program.ops:
        if _infinite(op.args) or _infinite(list(op.kwargs.values())):
            continue  # a mask is filled with it on purpose
        made = all(_finite(values[slot]) for slot in op.outs if slot in values)
        if not made and all(_finite(values[slot]) for slot in op.slots()):
            return _born(op, values, step, backward=False)
    return None


def _backward(setup: Setup, run: Run, weights: Values, rows: Values, step: int) -> Birth | None:
    """Go through the operations from the loss back to where a gradient stops being a number."""
    values = run(weights, rows)
    slots = [slot for slot, value in values.items() if value.requires_grad]
    wanted = [values[slot] for slot in slots]
    gradients = torch.autograd.grad(values[setup.program.loss], wanted, allow_unused=True)
    known = {s: g for s, g in zip(slots, gradients, strict=True) if g is not None}
    for op in reversed(setup.program.ops):
        given = {slot: known[slot] for slot in op.outs if slot in known}
        spoilt = any(not _finite(known[slot]) for slot in op.slots() if slot in known)
        if not (spoilt and given) or not all(_finite(one) for one in given.values()):
            continue
        if not _passes_on(setup, op, values, rows, given):
            return _born(op, values, step, backward=True)
    return None


def _passes_on(setup: Setup, op: Op, values: Values, rows: Values, given: Values) -> bool:
    """Whether the operation by itself makes numbers of these gradients of its outputs."""
    alone = interpret(dataclasses.replace(setup.program, ops=(op,)))
    leaves = {
        slot: values[slot].detach().requires_grad_()
        for slot in set(op.slots())
        if slot not in rows and values[slot].is_floating_point()
    }
    others = {slot: values[slot].detach() for slot in op.slots() if slot not in leaves}
    made = alone({**others, **leaves}, rows, tuple(given))
    found = torch.autograd.grad(
        list(made.values()), list(leaves.values()), list(given.values()), allow_unused=True
    )
    return all(one is None or _finite(one) for one in found)


def _born(op: Op, values: Values, step: int, *, backward: bool) -> Birth:
    slot = operand(op)
    if slot is None:
        return Birth(op, step, math.nan, math.nan, math.nan, backward)
    given = values[slot].detach()
    lowest, nearest, highest = given.min(), given.abs().min(), given.max()
    return Birth(op, step, float(lowest), float(nearest), float(highest), backward)


def _finite(value: Tensor) -> bool:
    return bool(torch.isfinite(value).all())


def _infinite(value: Json) -> bool:
    """Whether an argument is an infinity written out."""
    if isinstance(value, dict):
        return "float" in value or any(_infinite(inner) for inner in value.values())
    return isinstance(value, list | tuple) and any(_infinite(inner) for inner in value)
