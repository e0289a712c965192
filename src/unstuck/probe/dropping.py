"""How much of what the network says is chance, because parts of it are dropped at random."""

from __future__ import annotations

import math

import torch

from unstuck.core.recording import Recording
from unstuck.core.setup import Setup
from unstuck.core.transform import dropped
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.replay import interpret, tensors
from unstuck.replay.interpret import Values

DRAWS = 32  # a variance over so many draws is known to a quarter
ROWS = 512  # rows that are enough for a share of variance


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``dropout_noise``: at start and end."""
    setup = recording.setup
    assert setup is not None
    if not any(dropped(op) for op in setup.program.ops):
        return {"dropout_noise": "does not apply: the network drops nothing at random"}
    rows = {slot: part[:ROWS] for slot, part in subject.rows.items()}
    ends = [tensors.weights(setup, "start")]
    if len(subject.steps) > 1:
        ends.append(tensors.weights(setup, "end"))
    shares = [{"prediction": _noise(setup, weights, rows)} for weights in ends]
    return {"dropout_noise": table("dropout_noise", subject.steps, shares)}


def _noise(setup: Setup, weights: Values, rows: Values) -> float:
    """Return the share of the predictions' variance that lies between draws and not between rows."""
    run, slot = interpret(setup.program), setup.program.prediction
    with torch.no_grad():
        draws = torch.stack([run(weights, rows, (slot,))[slot].double() for _ in range(DRAWS)])
    chance = float(draws.var(0).mean())
    signal = float(draws.mean(0).var(0).mean()) - chance / DRAWS
    total = max(signal, 0.0) + chance
    return chance / total if total > 0 else math.nan
