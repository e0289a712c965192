"""Whether a few rows hold the squared loss, and by what the run should be judged instead.

By the logarithms of its targets, or by the other rows, where a few targets lie outside of the range of
all others.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Array, Recording
from unstuck.probe.loss import Loss, loss_of
from unstuck.probe.measured import Measured, table
from unstuck.probe.problem import problem_of
from unstuck.probe.subject import Subject, array
from unstuck.theory import goal, ladder
from unstuck.theory.problem import Problem

FEW = 0.01  # of the rows
HELD = (
    0.5  # of the constant's squared loss: of a normal distribution the farthest hundredth holds 8 %
)
LIGHT = 0.25  # what that hundredth may hold of what the run is judged by instead
LEARNT = (
    0.5  # of unseen targets of that kind: less would not show that these are what can be learnt
)
FEWEST = 50  # rows, of which a hundredth is none
FAR = 10.0  # robust spreads from the median: 3.5 mark an outlier (Iglewicz and Hoaglin 1993, section 3)
MOST_FAR = 0.05  # of the rows: more are a second kind of row, and no slips
ROBUST = 1.4826  # median absolute deviations in a normal distribution's standard deviation


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return the table ``tail``."""
    target = subject.target
    if target is None or not target.is_floating_point() or len(target) < FEWEST:
        return {"tail": INAPPLICABLE + "the targets are not numbers to be predicted"}
    values, loss = array(target), loss_of(subject)
    low, high = loss.limits or (math.nan, math.nan)
    outside = math.nan if loss.limits is None else float(((values < low) | (values > high)).sum())
    row = {"held": held(values), "largest": _largest(values)}
    row["logarithms"] = 1.0 if loss.least is not None else math.nan
    return {"tail": table("tail", (0,), [row | {"far": outside, "low": low, "high": high}])}


def held(values: Array) -> float:
    """Return the share of the squares about the mean in the hundredth of rows (n, …) that has most."""
    squares = _squares(values)
    count = max(int(len(squares) * FEW), 1)
    total = squares.sum()
    return float(np.sort(squares)[-count:].sum() / total) if total > 0 else 0.0


def otherwise(subject: Subject, loss: Loss) -> Loss | None:
    """Return the loss that the run is to be judged by where a few targets hold most of its own, else None.

    That is the loss of logarithms, if these have no such tail, a learner does learn them, and the run
    learned nothing by its own; or else that of all rows but a few which lie far outside of the others,
    if a learner does learn the others.
    """
    target, slots = loss.target, subject.setup.program.targets
    if target is None or len(slots) != 1 or slots[0] in subject.originals or loss.matched:
        return None
    if not target.is_floating_point() or len(target) < FEWEST or len(subject.steps) < 2:
        return None
    if held(array(target)) <= HELD:
        return None
    own = problem_of(subject, loss)
    if own.task.kind != "squares":
        return None
    end = float(loss(subject.predictions(-1)))
    return _in_logarithms(subject, loss, target, own, end) or _near(subject, target, own, end)


def _in_logarithms(
    subject: Subject, loss: Loss, target: Tensor, own: Problem, end: float
) -> Loss | None:
    if not bool((target > 0).all()):
        return None
    logs = torch.log(target)
    if held(array(logs)) > LIGHT or _learned(own, end):
        return None
    rows = {**loss.rows, subject.setup.program.targets[0]: logs}
    other = Loss(subject.setup, rows, subject.predictions(0), least=float(target.min()))
    return other if _explained(problem_of(subject, other)) > LEARNT else None


def _near(subject: Subject, target: Tensor, own: Problem, end: float) -> Loss | None:
    prediction, limits = subject.predictions(0), near(array(target))
    if limits is None or prediction.shape != target.shape:
        return None
    aim = goal(ladder(own)).loss
    if aim is not None and end <= aim:
        return None
    inside = array(target)
    if held(inside[(inside >= limits[0]) & (inside <= limits[1])]) > LIGHT:
        return None
    other = Loss(subject.setup, subject.rows, prediction, limits=limits)
    return other if _explained(problem_of(subject, other)) > LEARNT else None


def near(values: Array) -> tuple[float, float] | None:
    """Return the range of all targets (n, …), one a row, but a few that lie far outside; None without such."""
    flat = values.reshape(len(values), -1)
    if flat.shape[1] != 1:
        return None
    distance = np.abs(flat[:, 0] - np.median(flat))
    kept = flat[distance <= FAR * ROBUST * np.median(distance), 0]
    if not 0 < len(flat) - len(kept) <= MOST_FAR * len(flat) or np.ptp(kept) == 0:
        return None
    return float(kept.min()), float(kept.max())


def _learned(problem: Problem, end: float) -> bool:
    """Whether a run that ended here met its goal or, where there is none, left the constant behind."""
    rungs = ladder(problem)
    aim = goal(rungs).loss
    return end <= (rungs.constant * HELD if aim is None else aim)


def _explained(problem: Problem) -> float:
    """Return the share of the constant's loss that the best learner takes away on unseen rows."""
    rungs = ladder(problem)
    learner = rungs.losses["learner"]
    return 0.0 if learner is None else 1 - learner / rungs.constant


def _squares(values: Array) -> Array:
    flat = values.reshape(len(values), -1)
    spread = flat.std(0)
    return np.asarray((((flat - flat.mean(0)) / np.where(spread > 0, spread, 1.0)) ** 2).sum(1))


def _largest(values: Array) -> float:
    flat = values.reshape(len(values), -1)
    spread = flat.std(0)
    return float((np.abs(flat - flat.mean(0)) / np.where(spread > 0, spread, 1.0)).max())
