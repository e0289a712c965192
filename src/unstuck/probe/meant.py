"""Whether the loss fits what it is given, and which loss was meant where it does not."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from unstuck.core.layers import compared_by
from unstuck.core.recording import Recording
from unstuck.core.setup import Setup
from unstuck.core.transform import (
    binary_targets,
    classes_within_rows,
    ending,
    logged,
    negated,
    over_classes,
    with_log_shares,
    with_shares,
    with_sigmoid,
    yes_or_no,
)
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.probe.task import Loss, recognised

SURE = 0.01  # nats by which the logarithms of shares may fail to sum to one: float32 has 1e-6
ROWS = 64  # rows that are enough to tell
OUTSIDE = 1e-3  # of the way from 0 to 1: mixed targets may miss it by rounding
YES_OR_NO = frozenset({"binary_cross_entropy", "binary_cross_entropy_with_logits"})

MENDED: dict[str, Callable[[Setup], Setup]] = {
    "axis": classes_within_rows,
    "sign": negated,
    "scores": with_log_shares,
    "shares": logged,
    "targets": binary_targets,
    "classes": yes_or_no,
    "numbers": over_classes,
    "unshared": with_shares,
    "unsquashed": with_sigmoid,
}
"""What is amiss with a loss -> the loss that was meant, as a function of the same prediction."""


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``loss_fit``."""
    from unstuck.probe.loss import Loss as OfSubject

    setup, prediction = subject.setup, subject.predictions(0)
    loss = OfSubject(setup, subject.rows, prediction)
    found = amiss(setup, loss, prediction, loss.target)
    row = {
        "sign": _sign(setup, found, loss, prediction),
        "logs": _unlike_logs(prediction) if found in {"scores", "shares"} else math.nan,
        "targets": _outside(loss.target) if _yes_or_no(setup) else math.nan,
        "classes": 1.0 if found == "classes" else math.nan,
        "outputs": float(prediction.shape[1]) if found == "numbers" else math.nan,
        "raw": _improbable(prediction) if found in {"unshared", "unsquashed"} else math.nan,
    }
    return {"loss_fit": table("loss_fit", (0,), [row])}


def amiss(setup: Setup, loss: Loss, prediction: Tensor, target: Tensor | None) -> str | None:
    """Return what is amiss with the loss itself (see `MENDED`), None where it fits or is not known."""
    if target is None:
        return None
    if prediction.ndim > 1 and classes_within_rows(setup).program is not setup.program:
        return "axis"
    if _one_class(setup, loss, prediction, target):
        return "classes"
    if _yes_or_no(setup) and _outside(target) > OUTSIDE:
        return "targets"
    found = recognised(loss, prediction, target)
    if found.kind != "classes" and _class_numbers(prediction, target):
        return "numbers"
    wrong = not any(op.short == "log_softmax" for op in ending(setup))  # else its axis may be
    if found.kind == "classes" and found.logs and wrong and _unlike_logs(prediction) > SURE:
        return "shares" if _are_shares(prediction) else "scores"
    if found.shares and _improbable(prediction) > 0:
        return "unshared"
    if found.kind == "binary" and _improbable(prediction) > 0:
        return "unsquashed"
    if found.kind == "other":
        against = recognised(lambda made, index: -loss(made, index), prediction, target)
        if against.kind != "other":
            return "sign"
    return None


def two_values(target: Tensor | None) -> bool:
    """Whether targets have two values, which can stand for no and yes."""
    return target is not None and np.unique(target.numpy()).size == 2


def targets(found: str, mended: Setup, target: Tensor | None) -> dict[int, Tensor]:
    """Return the rows that the mend of the targets changes: slot -> tensor."""
    slot = mended.program.targets[0]
    if found == "numbers" and target is not None:
        return {slot: target.reshape(-1).long()}
    if found != "targets" or target is None:
        return {}
    low, high = target.min(), target.max()
    return {slot: (target - low) / (high - low)}


def _sign(setup: Setup, found: str | None, loss: Loss, prediction: Tensor) -> float:
    """Return 1 where training goes down a known loss, -1 where it climbs one, NaN where it is unknown."""
    climbs = any(group.get("maximize") for group in setup.optimizer.groups)
    if found == "sign":
        return 1.0 if climbs else -1.0
    target = getattr(loss, "target", None)
    if not climbs or recognised(loss, prediction, target).kind == "other":
        return math.nan
    return -1.0


def _yes_or_no(setup: Setup) -> bool:
    program = setup.program
    return bool(YES_OR_NO & compared_by(program))


def _outside(target: Tensor | None) -> float:
    if target is None:
        return math.nan
    return float(torch.maximum(-target.min(), target.max() - 1).clamp(min=0))


def _one_class(setup: Setup, loss: Loss, prediction: Tensor, target: Tensor) -> bool:
    """Whether a loss over classes is to choose among the one output that each row has."""
    program = setup.program
    readers = compared_by(program)
    one = prediction.dim() == 1 or (prediction.dim() == 2 and prediction.shape[1] == 1)
    fits = target.is_floating_point() and target.numel() == prediction.numel()
    if not (one and fits and _outside(target) == 0):
        return False
    return "cross_entropy" in readers or (two_values(target) and _indifferent(loss, prediction))


def _indifferent(loss: Loss, prediction: Tensor) -> bool:
    """Whether the loss stays what it is whatever is predicted, as that of shares of a whole does."""
    few = prediction[:ROWS].detach()
    index = torch.arange(len(few))
    found = [float(loss(torch.full_like(few, share), index)) for share in (0.1, 0.5, 0.9)]
    return max(found) - min(found) <= OUTSIDE * max(1.0, abs(found[0]))


def _class_numbers(prediction: Tensor, target: Tensor) -> bool:
    """Whether each row has one number, of a class, that is stretched over one output a class."""
    if prediction.dim() != 2 or target.shape != (len(prediction), 1) or prediction.shape[1] < 2:
        return False
    classes = np.unique(target.numpy())
    return bool(np.array_equal(classes, np.arange(prediction.shape[1])))


def _unlike_logs(prediction: Tensor) -> float:
    """Return by how much a row's exponentials fail to sum to one, at most, in nats."""
    return float(torch.logsumexp(prediction.double(), 1).abs().max())


def _improbable(prediction: Tensor) -> float:
    """Return the share of predictions that lie outside of 0 to 1; what sums up to more is another matter."""
    wide = prediction.dim() > 1 and prediction.shape[1] > 1
    outside = (prediction < -OUTSIDE) | ((prediction > 1 + OUTSIDE) & (not wide))
    return float(outside.double().mean())


def _are_shares(prediction: Tensor) -> bool:
    inside = bool(((prediction >= 0) & (prediction <= 1)).all())
    return inside and bool(((prediction.sum(1) - 1).abs() < SURE).all())
