"""How much of the loss's gradient gets through the network to each hidden layer, before training."""

from __future__ import annotations

import torch

from unstuck.core.recording import Recording
from unstuck.core.transform import severed
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.replay import tensors

ROWS = 512  # rows that are enough for the ratio of two norms


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``gradient_kept``: by hidden layer, at the start."""
    hidden = subject.hidden
    if not hidden:
        why = "does not apply: the network has no hidden layer whose gradient could be followed"
        return {"gradient_kept": why}
    last = subject.layers[-1].pre
    if last in severed(subject.setup.program):
        return {"gradient_kept": "no gradient reaches the network's output"}
    norms = _norms(subject, tuple(dict.fromkeys([*(one.pre for one in hidden.values()), last])))
    if not norms[last] > 0:
        return {"gradient_kept": "the loss has no gradient at the network's output"}
    kept = {path: norms[layer.pre] / norms[last] for path, layer in hidden.items()}
    return {"gradient_kept": table("gradient_kept", (0,), [kept])}


def _norms(subject: Subject, slots: tuple[int, ...]) -> dict[int, float]:
    """Return the norms of the loss's gradient in these slots, over all their rows and units."""
    loss = subject.setup.program.loss
    weights = {
        slot: weight.clone().requires_grad_()
        for slot, weight in tensors.weights(subject.setup).items()
    }
    rows = {slot: part[:ROWS] for slot, part in subject.rows.items()}
    with torch.enable_grad():
        values = subject.run(weights, rows, want=(*slots, loss))
        parts = torch.autograd.grad(
            values[loss].sum(), [values[slot] for slot in slots], allow_unused=True
        )
    return {
        slot: 0.0 if part is None else float(part.double().norm())
        for slot, part in zip(slots, parts, strict=True)
    }
