"""What the activation at the network's end cannot say: targets that lie outside its range."""

from __future__ import annotations

import math

import numpy as np

from unstuck.core.layers import RANGES, ending
from unstuck.core.recording import Array, Recording
from unstuck.probe.measured import Measured, table
from unstuck.probe.problem import own_problem
from unstuck.probe.subject import Subject
from unstuck.theory.fit import grouped
from unstuck.theory.problem import Problem

SURE = 10.0  # a logit that costs a right answer 5e-5: as good as certain
ROUNDING = 1e-6  # of the targets' largest value


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``out_of_reach``: the loss of the allowed predictions that are nearest to the targets.

    Where a target is no good prediction, as under a loss that takes logarithms: nearest to the best constant.
    """
    end = ending(subject.setup.program)
    if end is None:
        return {"out_of_reach": "does not apply: no activation bounds the network's output"}
    made, name = own_problem(subject), end.short.rstrip("_")
    best = wanted(made, name)
    if best is None:
        return {"out_of_reach": "does not apply: this loss takes the output as it is"}
    mean = grouped(made, np.zeros(made.rows, np.intp))
    constant = made.loss(mean)
    if made.task.kind == "other" and not made.loss(best) < constant:
        row = _missed(made, mean, nearest(mean, name)) | {"constant": float(mean[0, 0])}
        row["share"] /= abs(constant) or 1.0
        return {"out_of_reach": table("out_of_reach", (0,), [row])}
    if not constant > made.loss(best):
        return {"out_of_reach": "a constant prediction has no loss"}
    row = _missed(made, best, nearest(best, name)) | {"constant": math.nan}
    row["share"] /= constant - made.loss(best)
    return {"out_of_reach": table("out_of_reach", (0,), [row])}


def _missed(made: Problem, best: Array, allowed: Array) -> dict[str, float]:
    """Return the loss of allowed predictions (n, k), what they lose, and how many are not the best."""
    off = np.abs(allowed - best) > ROUNDING * np.abs(best).max(initial=1.0)
    bound = made.loss(allowed)
    return {"loss": bound, "share": bound - made.loss(best), "targets": float(off.mean())}


def wanted(made: Problem, activation: str) -> Array | None:
    """Return the predictions (n, k) that this loss is lowest for, None where the activation belongs to it.

    A sigmoid or softmax in front of a loss that takes logits is another fault, and not judged here.
    """
    alone = activation == "softmax" and made.task.outputs == 1
    shares = activation in {"sigmoid", "hardsigmoid", "softmax"} and not alone
    match made.task.kind:
        case "binary":
            return made.flat_targets if alone else None
        case "binary_logits" | "classes":
            return None if shares else np.where(made.flat_targets > 0.5, SURE, -SURE)
        case _:
            return made.flat_targets if made.predicts_targets else None


def nearest(targets: Array, activation: str) -> Array:
    """Return the values (n, k) of this activation that are nearest to the targets (n, k)."""
    if activation == "softmax":
        return on_simplex(targets)
    return np.asarray(np.clip(targets, *RANGES[activation]))


def on_simplex(rows: Array) -> Array:
    """Return the nearest rows (n, k) that are not negative and sum to one (Held, Wolfe, Crowder 1974)."""
    falling = -np.sort(-rows, axis=1)
    excess = (np.cumsum(falling, axis=1) - 1.0) / np.arange(1, rows.shape[1] + 1)
    kept = (falling > excess).sum(axis=1)
    return np.asarray(np.maximum(rows - excess[np.arange(len(rows)), kept - 1][:, None], 0.0))
