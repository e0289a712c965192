"""Whether a loss that takes logits is given numbers between 0 and 1, and the lowest that leaves it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from unstuck.core.layers import compared_by
from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Recording
from unstuck.core.transform import ending, squasher
from unstuck.probe.loss import Loss, loss_of
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.probe.task import recognised

Score = Callable[[Tensor], Tensor]

TAKES_LOGITS = frozenset({"cross_entropy", "binary_cross_entropy_with_logits"})
"""Losses that squash what they are given."""

SCALES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)  # logits of 30 score 1e-13: as low as it gets


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``squashed_floor``: the lowest loss of squashed predictions, and of free ones."""
    logs = any(op.short == "log_softmax" for op in ending(subject.setup))
    if squasher(subject.setup) is None or not (logs or _within_one(subject)):
        return {"squashed_floor": INAPPLICABLE + "the prediction is not squashed between 0 and 1"}
    loss = loss_of(subject)
    if not (logs or takes_logits(subject, loss)):
        return {"squashed_floor": INAPPLICABLE + "the loss does not take logits"}
    right = _right(subject.predictions(0), loss.target)
    if right is None:
        return {"squashed_floor": "predictions and targets cannot be compared value by value"}
    scored = _in_two(loss) if logs else loss
    lowest = {"squashed": _lowest(scored, right, 1.0), "free": _lowest(scored, right, torch.inf)}
    return {"squashed_floor": table("squashed_floor", (0,), [lowest])}


def _in_two(loss: Score) -> Score:
    """Return the loss of what log_softmax is given."""
    return lambda made: loss(torch.log_softmax(made, 1))


def _within_one(subject: Subject) -> bool:
    """Whether every prediction, at the start and at the end, lies between 0 and 1."""
    every = [subject.predictions(index) for index in range(len(subject.steps))]
    finite = [made[torch.isfinite(made)] for made in every]
    return all(bool(((made >= 0) & (made <= 1)).all()) for made in finite)


def takes_logits(subject: Subject, loss: Loss) -> bool:
    """Whether the loss squashes its input itself: by its name, or by what it measures."""
    program = subject.setup.program
    if TAKES_LOGITS & compared_by(program):
        return True
    found = recognised(loss, subject.predictions(0), subject.target)
    return found.kind == "binary_logits" or (found.kind == "classes" and found.raw)


def _right(prediction: Tensor, target: Tensor | None) -> Tensor | None:
    """Return the direction in which each row's logits are right, None where that is not known."""
    if target is None:
        return None
    if target.numel() == prediction.numel():
        return 2 * target.reshape(prediction.shape).double() - 1
    whole = target.dim() == prediction.dim() - 1 and not target.is_floating_point()
    if not whole or bool((target < 0).any()) or int(target.max()) >= prediction.shape[1]:
        return None
    return 2 * functional.one_hot(target.long(), prediction.shape[1]).movedim(-1, 1).double() - 1


def _lowest(loss: Score, right: Tensor, most: float) -> float:
    """Return the lowest loss of predictions in the right direction; those up to 1 are at least 0."""
    least = 0.0 if most == 1.0 else -torch.inf
    tried = [(scale * right).clamp(least, most) for scale in SCALES]
    return min(float(loss(_as_taken(loss, made))) for made in tried)


def _as_taken(loss: Score, made: Tensor) -> Tensor:
    """Return predictions in double precision where the loss takes that."""
    try:
        loss(made)
    except RuntimeError:
        return made.float()
    return made
