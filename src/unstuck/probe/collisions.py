"""Rows that a hidden layer has merged, and what that costs whatever the later layers do."""

from __future__ import annotations

import numpy as np
import torch

from unstuck.core.recording import Array, Recording
from unstuck.probe.loss import loss_of
from unstuck.probe.measured import Measured, table
from unstuck.probe.problem import problem
from unstuck.probe.subject import Subject
from unstuck.theory.fit import grouped
from unstuck.theory.groups import equal_rows
from unstuck.theory.problem import Problem

ROUNDING = 4  # units in the last place by which sums of the same numbers may differ


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``collision_floor``: by hidden layer, the best loss given its outputs over the constant's.

    1 where a layer tells no two targets apart; the data's own floor where it merges nothing.
    """
    hidden = subject.hidden
    if not hidden:
        return {"collision_floor": "the network has no hidden layer that could be followed"}
    made, counted = problem(subject), loss_of(subject).counted
    rows = slice(None) if counted is None else counted.numpy()
    constant = made.loss(grouped(made, np.zeros(made.rows, np.intp)))
    if not constant > 0:
        return {"collision_floor": "a constant prediction has no loss"}
    eps = float(torch.finfo(subject.predictions(0).dtype).eps)
    floors = [
        {
            path: floor(made, subject.state(layer.post, index)[rows], eps) / constant
            for path, layer in hidden.items()
        }
        for index in range(len(subject.steps))
    ]
    return {"collision_floor": table("collision_floor", subject.steps, floors)}


def floor(made: Problem, hidden: Array, eps: float) -> float:
    """Return the lowest loss of any function of a layer's outputs (n, …), equal up to rounding."""
    flat = hidden.reshape(len(hidden), -1)
    tolerance = ROUNDING * eps * float(np.abs(flat).max(initial=0.0))
    return made.loss(grouped(made, equal_rows(flat, tolerance=tolerance)))
