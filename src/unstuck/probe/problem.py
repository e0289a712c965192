"""A subject as a `theory.Problem`: its arrays, and its own loss as callables on arrays."""

from __future__ import annotations

import dataclasses
import functools

import torch
from torch import Tensor

from unstuck.core.recording import Array
from unstuck.probe.loss import Loss, loss_of, meant_loss
from unstuck.probe.subject import Subject, array
from unstuck.probe.task import Recognised, as_classes, recognised
from unstuck.theory.problem import Indices, Problem, Task


@functools.lru_cache(maxsize=1)
def problem(subject: Subject) -> Problem:
    """Return what there is to learn, with the loss that the run is judged by."""
    return problem_of(subject, loss_of(subject))


@functools.lru_cache(maxsize=1)
def own_problem(subject: Subject) -> Problem:
    """Return what there is to learn, in the unit of the script's own loss."""
    return problem_of(subject, meant_loss(subject))


def problem_of(subject: Subject, loss: Loss) -> Problem:
    """Return what there is to learn by this loss, in double precision where it takes that.

    Rows whose target does not count are left out.
    """
    prediction, target = subject.predictions(0), loss.target
    found = recognised(loss, prediction, target)
    inputs, precision = subject.known, _precision(loss, found, prediction)
    task = Task(found.kind, tuple(prediction.shape[1:]))
    rows = loss.counted
    if rows is not None and target is not None:
        inputs, target = inputs[rows.numpy()], target[rows]
    calls = _Calls(loss, found, precision, rows)
    if target is not None and found.kind == "classes":
        target = as_classes(prediction, target)
    kept = subject.inputs[:, :0] if target is None else target.numpy()
    return Problem(inputs, kept, task, calls.loss_of, calls.loss_and_gradient)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Calls:
    """The loss on arrays: predictions (n, …) of the form that `Recognised.given` takes, for these rows."""

    loss: Loss
    found: Recognised
    dtype: torch.dtype
    rows: Tensor | None

    def loss_of(self, predictions: Array, index: Indices | None = None) -> float:
        made = torch.from_numpy(predictions).to(self.dtype)
        rows = self.rows
        if index is not None:
            rows = torch.from_numpy(index) if rows is None else rows[torch.from_numpy(index)]
        with torch.no_grad():
            return float(self.loss(self.found.given(made), rows))

    def loss_and_gradient(self, predictions: Array) -> tuple[float, Array]:
        made = torch.from_numpy(predictions).to(self.dtype).requires_grad_()
        loss = self.loss(self.found.given(made), self.rows)
        (gradient,) = torch.autograd.grad(loss, made)
        return float(loss.detach()), array(gradient)


def _precision(loss: Loss, found: Recognised, prediction: Tensor) -> torch.dtype:
    """Return float64 if the loss can be differentiated in it, else the network's own precision."""
    made = prediction.detach().double().requires_grad_()
    try:
        torch.autograd.grad(loss(found.given(made)), made)
    except RuntimeError:
        return prediction.dtype
    return torch.float64
