"""What gradient descent on squared errors is to reach, and when, by the tangent kernels of start and end.

Here belongs what needs torch: residuals, gradients and Jacobians of a recorded training, in double
precision and in the scaled form of `theory.tangent`. Mini-batches, other update rules and other losses
have no forecast: the reason says which of them it is.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Array, Recording
from unstuck.core.setup import Program, Setup
from unstuck.core.transform import (
    by_batch,
    dropped,
    group,
)
from unstuck.probe.loss import Loss
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject, array
from unstuck.probe.task import recognised
from unstuck.replay import Unreplayable, interpret, interpret_loss, tensors
from unstuck.replay.interpret import Run, Values
from unstuck.theory.foreseen import Foreseen
from unstuck.theory.tangent import frozen, modes
from unstuck.theory.timelapse import Training, lapse

LARGEST = 4_000_000  # numbers of a Jacobian, 32 MB in double precision
WORK = 2e9  # multiplications that kernels may take when a run is measured, about a second's work
LOOKS = 300  # kernels at most, of however few rows and weights
WALKS = 10  # bursts of true steps at most: a second's work at a millisecond a step
ALIKE = 1e-6  # relative to the largest: what double precision leaves between a row alone and in its batch

UNHEEDED = ("weight_decay", "dampening", "nesterov", "maximize")
"""Settings of torch's SGD that the forecast doesn't know."""


class Unforeseen(ValueError):
    """Training of a make that no tangent kernel foretells; the message says of which."""


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``foreseen``: the steps from the end to the goal by both forecasts."""
    ladder = recording.tables.get("ladder")
    goal = ladder.at("goal") if ladder is not None else math.nan
    try:
        if ladder is None or math.isnan(goal):
            raise Unforeseen("there is no goal that steps could be counted to")
        if ladder.at("end") <= goal:
            raise Unforeseen("the run met its goal")
        return {"foreseen": table("foreseen", (0,), [_row(*ahead(subject, goal))])}
    except Unforeseen as reason:
        return {"foreseen": f"{INAPPLICABLE}{reason}"}


def ahead(subject: Subject, goal: float) -> tuple[Foreseen, Foreseen]:
    """Return both forecasts from where the run stopped: kernel held fixed, and renewed on the way.

    Raises Unforeseen where there is none.
    """
    if len(subject.steps) < 2:
        raise Unforeseen("where the weights ended was not recorded")
    if subject.setup.data.count != subject.count:
        raise Unforeseen("the rows that are measured are not all that the script trained on")
    momentum, made = momentum_of(subject.setup), training(subject, "end")
    rows, weights = len(made.residuals(made.start)), len(made.start)
    kernel = rows * rows * (weights + 10 * rows)  # J·Jᵀ and its eigenvectors
    if rows * weights > LARGEST or kernel > WORK:
        raise Unforeseen(
            f"the tangent kernel of {rows:,} rows and {weights:,} weights is too large"
        )
    if not np.isfinite(made.residuals(made.start)).all():
        raise Unforeseen("the weights at the end are no numbers")
    still = at_start(made, goal, norm=readout(subject, "end"), momentum=momentum)
    looks = min(LOOKS, int(WORK / kernel))
    return still, lapse(made, goal, momentum=momentum, looks=looks, walks=WALKS)


def _row(still: Foreseen, moving: Foreseen) -> dict[str, float]:
    both = {"frozen": still, "lapse": moving}
    row = {
        f"{name} {end}": float(getattr(found, end))
        for name, found in both.items()
        for end in ("low", "median", "high")
    }
    return {**row, "plateau": math.nan if moving.plateau is None else moving.plateau}


def at_start(training: Training, loss: float, *, norm: float, momentum: float = 0.0) -> Foreseen:
    """Return the forecast by the kernel of the weights that it starts at; norm: see `theory.tangent.laziness`."""
    found = modes(training.jacobian(training.start), training.residuals(training.start))
    return frozen(found, loss, norm, momentum=momentum)


def momentum_of(setup: Setup) -> float:
    """Return the heavy-ball momentum that acts, 0 where the optimizer is built anew for each step.

    Raises Unforeseen where the updates are not those of full-batch gradient descent at a fixed rate.
    """
    optimizer, loop = setup.optimizer, setup.loop
    _steady(setup)
    if setup.plan.order != "full":
        raise Unforeseen("mini-batches are not foretold by a tangent kernel, full batches are")
    if optimizer.kind != "SGD":
        raise Unforeseen(f"{optimizer.kind} is not gradient descent, whose steps are foretold")
    if any(each.get(name) for each in optimizer.groups for name in UNHEEDED):
        raise Unforeseen(f"the forecast knows none of {', '.join(UNHEEDED)}")
    if any(factor != 1 for _, factor in optimizer.schedule):
        raise Unforeseen("the forecast knows fixed rates only")
    limits = (loop.clip_norm, loop.clip_value, loop.clip_each)
    usual = loop.clears == "before" and loop.backwards == 1 and loop.steps
    if not usual or any(limit is not None for limit in limits):
        raise Unforeseen("the forecast knows updates by the gradient of one pass as it is")
    momenta = {float(each.get("momentum", 0) or 0) for each in optimizer.groups}
    if len(momenta) > 1:
        raise Unforeseen("the forecast knows one momentum for all weights only")
    momentum = momenta.pop() if momenta else 0.0
    if loop.recreated and momentum and loop.recreated_every > 1:
        raise Unforeseen("momentum that is lost every few steps is not foretold")
    return 0.0 if loop.recreated else momentum


def training(subject: Subject, when: Literal["start", "end"] = "start") -> Training:
    """Return the recorded training in scaled form (see `theory.tangent`), from its start or its end.

    Weights come in the order of their slots, each over the root of its rate. Raises Unforeseen where
    the loss is no squared error, or a row's output depends on other rows.
    """
    setup, program = subject.setup, subject.setup.program
    factor = _factor(subject)
    rates = _rates(setup)
    weights = {slot: part.double() for slot, part in tensors.weights(setup, when).items()}
    rows = {s: p.double() if p.is_floating_point() else p for s, p in subject.rows.items()}
    rows = {slot: rows[slot] for slot in program.inputs}
    target = subject.target
    assert target is not None
    layout = _Layout(tuple((slot, weights[slot].shape) for slot in rates), dict(rates), weights)
    made = _Made(interpret(_double(program)), program.prediction, layout, rows)
    wanted = target.double().reshape(-1)
    scale = math.sqrt(2 * factor)
    made.check()

    def residuals(flat: Array) -> Array:
        with torch.no_grad():
            return scale * array(made(torch.from_numpy(flat)).reshape(-1) - wanted)

    def jacobian(flat: Array) -> Array:
        return scale * made.jacobian(torch.from_numpy(flat))

    def gradient(flat: Array) -> Array:
        leaf = torch.from_numpy(flat).requires_grad_()
        loss = factor * ((made(leaf).reshape(-1) - wanted) ** 2).sum()
        return array(torch.autograd.grad(loss, leaf)[0])

    return Training(layout.flat(weights), residuals, jacobian, gradient)


def readout(subject: Subject, when: Literal["start", "end"] = "start") -> float:
    """Return the norm of the last layer's weights, over the root of their rate."""
    rates = _rates(subject.setup)
    start = tensors.weights(subject.setup, when)
    last = [slot for slot in rates if start[slot].dim() > 1][-1:] or list(rates)[-1:]
    return sum(float(start[slot].double().norm()) / math.sqrt(rates[slot]) for slot in last)


def _steady(setup: Setup) -> None:
    if any(dropped(op) for op in setup.program.ops):
        raise Unforeseen("what is dropped at random is not foretold")
    if any(by_batch(op) for op in setup.program.ops):
        raise Unforeseen("normalisation over the batch is not foretold")


def _factor(subject: Subject) -> float:
    """Return c of a loss that is c · Σ(prediction - target)². Raises Unforeseen where it is no such loss."""
    prediction, target = subject.predictions(0), subject.target
    try:
        interpret_loss(subject.setup.program)
    except Unreplayable as reason:
        raise Unforeseen(f"the forecast knows squared error only, and {reason}") from reason
    loss = Loss(subject.setup, subject.rows, prediction)
    if target is None or recognised(loss, prediction, target).kind != "squares":
        raise Unforeseen("the forecast knows squared error only")
    if loss.matched:
        raise Unforeseen("predictions and targets differ in shape, so that each meets every other")
    return float(loss(target.reshape(prediction.shape).double() + 1.0)) / target.numel()


def _rates(setup: Setup) -> dict[int, float]:
    """Return slot -> rate of the weights that are trained, in the order of the slots."""
    groups, moved = setup.optimizer.groups, group(setup)
    rates = {
        one.slot: float(groups[min(one.group, len(groups) - 1)].get("lr", math.nan))
        for one in sorted(setup.parameters, key=lambda each: each.slot)
        if moved[one.slot] >= 0 and groups
    }
    if not rates or not all(math.isfinite(rate) and rate > 0 for rate in rates.values()):
        raise Unforeseen("no weight is trained at a known rate above 0")
    return rates


def _double(program: Program) -> Program:
    constants = {
        slot: part.astype(np.float64) if part.dtype.kind == "f" else part
        for slot, part in program.constants.items()
    }
    return dataclasses.replace(program, constants=constants)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """How weights lie in one vector, each over the root of its rate; others stay as they are."""

    shapes: tuple[tuple[int, torch.Size], ...]
    rates: dict[int, float]
    others: Values

    def flat(self, weights: Values) -> Array:
        parts = [weights[slot].reshape(-1) / math.sqrt(self.rates[slot]) for slot, _ in self.shapes]
        return array(torch.cat(parts))

    def weights(self, flat: Tensor) -> Values:
        pieces = torch.split(flat, [shape.numel() for _, shape in self.shapes])
        found = {
            slot: piece.reshape(shape) * math.sqrt(self.rates[slot])
            for (slot, shape), piece in zip(self.shapes, pieces, strict=True)
        }
        return {**self.others, **found}


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """Predictions of weights in one vector, for all rows or for one."""

    run: Run
    slot: int
    layout: _Layout
    rows: Values

    def __call__(self, flat: Tensor) -> Tensor:
        return self.run(self.layout.weights(flat), self.rows, (self.slot,))[self.slot]

    def alone(self, flat: Tensor, row: Values) -> Tensor:
        """Return the prediction (k,) of one row that is given without its leading axis."""
        rows = {slot: part[None] for slot, part in row.items()}
        return self.run(self.layout.weights(flat), rows, (self.slot,))[self.slot].reshape(-1)

    def jacobian(self, flat: Tensor) -> Array:
        """Return the derivatives (n·k, p) of all predictions by the scaled weights, row by row."""
        by_row = torch.func.vmap(torch.func.jacrev(self.alone), in_dims=(None, 0))
        return array(by_row(flat, self.rows).reshape(-1, len(flat)))

    def check(self) -> None:
        """Raise Unforeseen where a row by itself is predicted otherwise than among others."""
        flat = torch.from_numpy(self.layout.flat(self.layout.others))
        with torch.no_grad():
            whole = self(flat).reshape(-1)
            each = torch.func.vmap(self.alone, in_dims=(None, 0))(flat, self.rows).reshape(-1)
        if not torch.allclose(whole, each, rtol=0, atol=ALIKE * float(whole.abs().max())):
            raise Unforeseen("what is said of a row depends on the others in its batch")
