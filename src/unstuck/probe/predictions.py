"""What comes out of the network: how far it varies, whether it is linear, whether it has frozen."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from unstuck.core.recording import Array, Recording, Table
from unstuck.probe.measured import Measured, table
from unstuck.probe.problem import own_problem
from unstuck.probe.subject import Subject, array
from unstuck.theory.learners import standardised
from unstuck.theory.problem import Kind

ROUNDED = (
    64  # last places of float32: what layers of larger numbers add up (measured: 10 over five)
)


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``prediction_constancy``, ``nonlinear_share`` and ``sigmoid_exact``."""
    return {
        "nonlinear_share": _nonlinear(subject),
        "sigmoid_exact": _exact(subject),
        "prediction_constancy": _constancy(subject),
    }


def in_target_units(predictions: Tensor, kind: Kind) -> Tensor:
    """Return predictions (n, k) in the unit of the targets: probabilities where they are logits."""
    if kind == "binary_logits":
        predictions = torch.sigmoid(predictions)
    elif kind == "classes":
        predictions = torch.softmax(predictions, 1)
    return predictions.reshape(len(predictions), -1)


def spread(values: Array) -> float:
    """Return the standard deviation of values (n, k) over rows, all columns together."""
    return float(np.sqrt(values.reshape(len(values), -1).var(0).sum()))


def _constancy(subject: Subject) -> Table | str:
    made = own_problem(subject)
    if made.task.kind != "classes" and not made.predicts_targets:
        return "predictions and targets cannot be compared value by value"
    wide = spread(made.flat_targets)
    if wide == 0:
        return "the targets never vary"
    predicted = [
        spread(array(in_target_units(subject.predictions(index), made.task.kind)))
        for index in range(len(subject.steps))
    ]
    rows = [{"prediction": value / wide} for value in predicted]
    return table("prediction_constancy", subject.steps, rows)


def _nonlinear(subject: Subject) -> Table | str:
    columns = standardised(subject.inputs)
    design = np.column_stack([np.ones(subject.count), columns])
    if np.linalg.matrix_rank(design) >= subject.count:
        return f"{subject.count} rows are too few to tell a line from a curve"
    rows = [
        {"prediction": nonlinear_share(design, subject.state(subject.last, index))}
        for index in range(len(subject.steps))
    ]
    return table("nonlinear_share", subject.steps, rows)


def nonlinear_share(design: Array, outputs: Array) -> float:
    """Return 1 - R² of the best linear fit of outputs (n, k) on a design (n, c) with intercept.

    NaN where the outputs are constant up to rounding, or no numbers; 0 where all that a line leaves
    is rounding.
    """
    outputs = outputs.reshape(len(outputs), -1)
    if not np.isfinite(outputs).all():
        return math.nan
    rounding = float(np.finfo(np.float32).eps) * float(np.abs(outputs).max())
    total = spread(outputs)
    if total <= rounding:
        return math.nan
    rest = spread(outputs - design @ np.linalg.lstsq(design, outputs, rcond=None)[0])
    return 0.0 if rest <= ROUNDED * rounding else (rest / total) ** 2


def _exact(subject: Subject) -> Table | str:
    program, target = subject.setup.program, subject.target
    made = next(op for op in program.ops if program.prediction in op.outs)
    if made.short not in {"sigmoid", "sigmoid_"} or target is None:
        return "does not apply: the prediction is not made by a sigmoid"
    if target.numel() != subject.predictions(0).numel():
        return "predictions and targets cannot be compared value by value"
    rows = [
        {"prediction": _wrong_and_sure(subject.predictions(index), target)}
        for index in range(len(subject.steps))
    ]
    return table("sigmoid_exact", subject.steps, rows)


def _wrong_and_sure(share: Tensor, target: Tensor) -> float:
    target = target.reshape(share.shape).to(share.dtype)
    wrong = ((share == 1) & (target < 1)) | ((share == 0) & (target > 0))
    return float(wrong.reshape(len(wrong), -1).any(1).double().mean())
