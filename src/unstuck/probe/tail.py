"""Whether a few rows hold the squared loss, and whether logarithms are what the run should be judged by."""

from __future__ import annotations

import math

import numpy as np
import torch

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
LIGHT = 0.25  # what that hundredth may hold of logarithms that are to be better
LEARNT = 0.5  # of unseen logarithms: less would not show that these are what can be learnt
FEWEST = 50  # rows, of which a hundredth is none


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return the table ``tail``."""
    target = subject.target
    if target is None or not target.is_floating_point() or len(target) < FEWEST:
        return {"tail": INAPPLICABLE + "the targets are not numbers to be predicted"}
    values = array(target)
    row = {"held": held(values), "largest": _largest(values)}
    row["logarithms"] = 1.0 if loss_of(subject).least is not None else math.nan
    return {"tail": table("tail", (0,), [row])}


def held(values: Array) -> float:
    """Return the share of the squares about the mean in the hundredth of rows (n, …) that has most."""
    squares = _squares(values)
    count = max(int(len(squares) * FEW), 1)
    total = squares.sum()
    return float(np.sort(squares)[-count:].sum() / total) if total > 0 else 0.0


def in_logarithms(subject: Subject, loss: Loss) -> Loss | None:
    """Return the loss of the targets' logarithms where the run is to be judged by that, else None.

    It is where a few targets hold most of the squared loss and of their logarithms none do, where the run
    learned nothing by its own loss, and where a learner does learn the logarithms.
    """
    target, slots = loss.target, subject.setup.program.targets
    if target is None or len(slots) != 1 or slots[0] in subject.originals or loss.matched:
        return None
    if not target.is_floating_point() or len(target) < FEWEST or not bool((target > 0).all()):
        return None
    logs = torch.log(target)
    if held(array(target)) <= HELD or held(array(logs)) > LIGHT or len(subject.steps) < 2:
        return None
    own = problem_of(subject, loss)
    if own.task.kind != "squares" or _learned(own, float(loss(subject.predictions(-1)))):
        return None
    rows, least = {**loss.rows, slots[0]: logs}, float(target.min())
    other = Loss(subject.setup, rows, subject.predictions(0), least)
    return other if _explained(problem_of(subject, other)) > LEARNT else None


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
