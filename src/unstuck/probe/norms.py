"""What normalisation over the batch does: how much of it is chance, and whether it normalises at all."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from unstuck.core.recording import Recording
from unstuck.core.transform import by_batch, by_fixed, norm_arguments
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.replay import tensors
from unstuck.replay.interpret import Values

DRAWS = 8  # ways to cut the rows into batches
BATCHES = 32  # of each cut: 256 batches in all tell a share of a tenth to a few hundredths
ROWS = 512  # rows whose statistics stand for those of all
SITES = ("noise", "offset", "widest", "narrowest")


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``norms``: at start and end."""
    setup = recording.setup
    assert setup is not None
    ops = setup.program.ops
    if not any(by_batch(op) or by_fixed(op) for op in ops):
        return {"norms": "does not apply: the network does not normalise over the batch"}
    rows = {slot: part[:ROWS] for slot, part in subject.rows.items()}
    ends = [tensors.weights(setup, "start")]
    if len(subject.steps) > 1:
        ends.append(tensors.weights(setup, "end"))
    return {"norms": table("norms", subject.steps, [_measured(subject, w, rows) for w in ends])}


def _measured(subject: Subject, weights: Values, rows: Values) -> dict[str, float]:
    ops = subject.setup.program.ops
    found = dict.fromkeys(SITES, math.nan)
    size = subject.setup.plan.batch
    count = min(len(part) for part in rows.values())
    with torch.no_grad():
        if any(by_batch(op) for op in ops) and size < count:
            found["noise"] = _noise(subject, weights, rows, size)
        if any(by_fixed(op) for op in ops):
            found |= _scale(subject, weights, rows)
    return found


def _noise(subject: Subject, weights: Values, rows: Values, size: int) -> float:
    """Return the share of the predictions' mean square that the choice of batches is to blame for."""
    slot = subject.setup.program.prediction

    def predicted(picked: Tensor) -> Tensor:
        some = {key: part[picked] for key, part in rows.items()}
        return subject.run(weights, some, (slot,))[slot].double()

    count = min(len(part) for part in rows.values())
    whole = predicted(torch.arange(count))
    signal = float(whole.var(0, unbiased=False).mean())
    apart = []
    for _ in range(DRAWS):
        order = torch.randperm(count)
        cut = torch.split(order, size)[: min(BATCHES, count // size)]
        apart += [float((predicted(batch) - whole[batch]).square().mean()) for batch in cut]
    chance = sum(apart) / len(apart)
    return chance / (chance + signal) if chance + signal > 0 else math.nan


def _scale(subject: Subject, weights: Values, rows: Values) -> dict[str, float]:
    """Return the centre and the spreads of what leaves the layers, before they scale and shift it."""
    offsets, spreads = [], []
    for op in subject.setup.program.ops:
        given = norm_arguments(op)
        if given is None or given["training"]:
            continue
        slots = [given[name]["slot"] for name in ("input", "running_mean", "running_var")]
        known = {**subject.run(weights, rows, tuple(slots))}
        values, mean, variance = (known[slot].double() for slot in slots)
        across = [dim for dim in range(values.dim()) if dim != 1]
        scale = (variance + float(given["eps"])).sqrt()
        spread = values.std(across, unbiased=False) / scale
        varies = spread > 0
        offset = ((values.mean(across) - mean) / scale).abs()[varies] / spread[varies]
        offsets.append(offset)
        spreads.append(spread[varies])
    offset, spread = torch.cat(offsets), torch.cat(spreads)
    if not len(spread):
        return {}
    return {
        "offset": float(offset.max()),
        "widest": float(spread.max()),
        "narrowest": float(spread.min()),
    }
