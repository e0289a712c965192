"""Whether the loss compares every prediction with every target, because their shapes broadcast."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from unstuck.core.recording import Recording
from unstuck.core.setup import Op, Program
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.replay import tensors

POINTWISE = frozenset(
    {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy",
     "binary_cross_entropy_with_logits", "sub", "__sub__", "__rsub__", "rsub", "subtract", "mul",
     "__mul__", "__rmul__", "multiply", "add", "__add__", "__radd__", "div", "__truediv__",
     "__rtruediv__", "eq", "maximum", "minimum"}
)  # fmt: skip
"""Operations that pair the elements of two tensors, broadcasting them if their shapes differ."""


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``loss_pairs``: the largest blow-up where prediction and target meet, in one batch."""
    setup = subject.setup
    if not setup.program.targets:
        return {"loss_pairs": "the loss has no target"}
    rows = {slot: part[: max(setup.plan.batch, 2)] for slot, part in subject.rows.items()}
    with torch.no_grad():
        values = subject.run(tensors.weights(setup), rows)
    pairs = max((_blow_up(op, values) for op in _meetings(setup.program)), default=1.0)
    return {"loss_pairs": table("loss_pairs", (0,), [{"operands": pairs}])}


def _meetings(program: Program) -> list[Op]:
    """Return the pointwise operations that read both what comes of the prediction and of a target."""
    predicted, targets = {program.prediction}, set(program.targets)
    found = []
    for op in program.ops:
        reads = set(op.slots())
        if reads & predicted and reads & targets and op.short in POINTWISE:
            found.append(op)
        if reads & predicted:
            predicted.update(op.outs)
        elif reads & targets:
            targets.update(op.outs)
    return found


def _blow_up(op: Op, values: dict[int, Tensor]) -> float:
    shapes = [values[slot].shape for slot in op.slots()[:2]]
    if len(shapes) < 2 or shapes[0] == shapes[1]:
        return 1.0
    together = math.prod(np.broadcast_shapes(*shapes))
    return together / max(math.prod(shape) for shape in shapes)
