"""The user's own loss as a function of predictions alone, in one unit for any number of rows."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from unstuck.core.setup import Program, Setup
from unstuck.core.transform import matched_shapes
from unstuck.probe import meant
from unstuck.probe.subject import Subject
from unstuck.replay import Unreplayable, interpret, interpret_loss, tensors

Compare = Callable[[Tensor, Mapping[int, Tensor]], Tensor]

SUMS = 1.5  # a loss that grows by more when every row is given twice adds rows up


@functools.lru_cache(maxsize=1)
def loss_of(subject: Subject) -> Loss:
    """Return the loss that the run is judged by. Raises Unreplayable where it needs more than predictions."""
    from unstuck.probe import tail  # which asks what the loss of the script makes of the run

    loss = meant_loss(subject)
    return tail.otherwise(subject, loss) or loss


@functools.lru_cache(maxsize=1)
def meant_loss(subject: Subject) -> Loss:
    """Return the loss that was meant, in the unit of the script's own."""
    prediction = subject.predictions(0)
    loss = Loss(subject.setup, {**subject.rows, **subject.originals}, prediction)
    found = meant.amiss(subject.setup, loss, prediction, loss.target)
    if found is None:
        return loss
    if found == "targets" and not meant.two_values(loss.target):
        raise Unreplayable("the targets lie outside of 0 to 1, where the loss has no lowest value")
    mended = meant.MENDED[found](subject.setup)
    rows = {**subject.rows, **meant.targets(found, mended, loss.target)}
    return Loss(mended, rows, prediction)


class Loss:
    """The loss of predictions (m, …) for the probed rows or some of them.

    matched: whether target and prediction differ in shape and were matched first, so that each
    prediction meets its own target. A penalty on weights is left out. A loss that sums over rows is
    scaled to one batch of the recorded size, so that it compares with the recorded losses. least: what
    predictions of the network are raised to before their logarithm is taken, None where none is. limits:
    the range outside of which a target doesn't count, as if its prediction were right.
    """

    def __init__(
        self,
        setup: Setup,
        rows: dict[int, Tensor],
        prediction: Tensor,
        least: float | None = None,
        limits: tuple[float, float] | None = None,
    ) -> None:
        self.rows, self.least, self.limits = rows, least, limits
        self.target = rows[setup.program.targets[0]] if setup.program.targets else None
        self.matched = mismatched(setup, rows, prediction)
        if self.matched:
            setup = matched_shapes(setup)
        self._compare = _comparison(setup, rows, prediction)
        self._batch = max(setup.plan.batch, 1)
        self.sums = self._grows(prediction)

    def __call__(self, prediction: Tensor, index: Tensor | None = None) -> Tensor:
        """Return the loss of predictions for all rows, or for the rows of an index (m,)."""
        double = prediction.dtype == torch.float64
        rows = {slot: _as(part, index, double) for slot, part in self.rows.items()}
        scale = self._batch / len(prediction) if self.sums else 1.0
        if self.limits is not None and self.target is not None:
            target = _as(self.target, index, double)
            prediction = torch.where(outside(target, self.limits), target, prediction)
        return self._compare(prediction, rows) * scale

    @property
    def counted(self) -> Tensor | None:
        """The places (m,) of the rows whose target counts; None if all do."""
        if self.limits is None or self.target is None:
            return None
        inside = ~outside(self.target, self.limits)
        return torch.nonzero(inside.reshape(len(inside)))[:, 0]

    def of_network(self, prediction: Tensor) -> Tensor:
        """Return the loss of what the network predicts for all rows."""
        if self.least is None:
            return self(prediction)
        return self(prediction.clamp(min=self.least).log())

    def _grows(self, prediction: Tensor) -> bool:
        """Whether the loss about doubles when every row is there twice."""
        few = prediction[:64].detach()
        rows = {slot: part[: len(few)] for slot, part in self.rows.items()}
        twice = {slot: torch.cat([part, part]) for slot, part in rows.items()}
        one = float(self._compare(few, rows))
        two = float(self._compare(torch.cat([few, few]), twice))
        return abs(two) > SUMS * abs(one)


def outside(target: Tensor, limits: tuple[float, float]) -> Tensor:
    """Return which targets lie outside of a range."""
    return (target < limits[0]) | (target > limits[1])


def _as(part: Tensor, index: Tensor | None, double: bool) -> Tensor:
    taken = part if index is None else part[index]
    return taken.double() if double and taken.is_floating_point() else taken


def mismatched(setup: Setup, rows: dict[int, Tensor], prediction: Tensor) -> bool:
    """Whether prediction and target hold one value a row each, in different shapes."""
    if not setup.program.targets:
        return False
    target = rows[setup.program.targets[0]]
    return (
        target.shape != prediction.shape
        and target.numel() == prediction.numel()
        and target.is_floating_point()
    )


def _comparison(setup: Setup, rows: dict[int, Tensor], prediction: Tensor) -> Compare:
    """Return the loss after the prediction; a penalty on the weights is set to nothing."""
    try:
        return interpret_loss(setup.program)
    except Unreplayable:
        return _without_penalty(setup, rows, prediction)


def _without_penalty(setup: Setup, rows: dict[int, Tensor], prediction: Tensor) -> Compare:
    run = interpret(_behind_prediction(setup.program))
    weights = tensors.weights(setup)
    nothing = {slot: torch.zeros_like(weight) for slot, weight in weights.items()}

    def compare(
        made: Tensor, given: Mapping[int, Tensor], at: dict[int, Tensor] = nothing
    ) -> Tensor:
        values = {**given, setup.program.prediction: made}
        try:
            return run(at, values, (setup.program.loss,))[setup.program.loss]
        except KeyError as error:
            raise Unreplayable("the loss depends on more than predictions and targets") from error

    one, other = prediction.detach(), torch.zeros_like(prediction)
    with torch.no_grad():
        shift = compare(one, rows, weights) - compare(other, rows, weights)
        bare = compare(one, rows) - compare(other, rows)
    if not torch.isclose(shift, bare, rtol=1e-3, atol=1e-6):
        raise Unreplayable("the loss mixes weights and predictions")
    return compare


def _behind_prediction(program: Program) -> Program:
    kept = tuple(op for op in program.ops if program.prediction not in op.outs)
    return dataclasses.replace(program, ops=kept)
