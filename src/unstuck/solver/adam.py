"""Adam, for networks too large for anything better: its rate by a short search, then decayed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor

from unstuck.solver.descent import Descent, End, Until

RATES = (1e-4, 1e-3, 1e-2)  # a decade either side of the rate that Kingma and Ba 2015 propose
TRIAL = 30  # steps for which each rate is tried
LOOK = 10  # looks at the loss of all rows come once in so many steps, or in as many as see all rows once
BATCH = 256  # rows in a batch, where there are more than that

LossAndGradient = Callable[[Tensor, Tensor | None], tuple[float, Tensor]]


def adam(
    loss_and_gradient: LossAndGradient,
    value: Callable[[Tensor], float],
    start: Tensor,
    rows: int,
    until: Until,
    flops: float,
    generator: torch.Generator,
) -> Descent:
    """Return the descent of a loss over a vector (p,) from a start, by batches of rows.

    loss_and_gradient: of a vector and the batch's row numbers (None: all rows); value: the loss of all rows. The rate is the one of
    three that falls furthest in 30 steps, and falls to nothing along half a cosine (Loshchilov and
    Hutter 2017, arXiv:1608.03983). flops: operations of one pass over all rows.
    """
    before = value(start)
    shown = [_run(loss_and_gradient, value, start, rows, r, TRIAL, until, generator) for r in RATES]
    rate = RATES[min(range(len(RATES)), key=lambda place: _rank(shown[place][0]))]
    loss, vector, steps, end = _run(
        loss_and_gradient, value, start, rows, rate, until.steps, until, generator, decays=True
    )
    if not loss <= before:
        loss, vector = before, start
    share = min(1.0, BATCH / rows)
    every = steps + len(RATES) * TRIAL
    passes = math.ceil(share * every + every / _between(rows) / 3) + 1
    return Descent(vector, loss, steps, passes, flops * passes, end)


def _between(rows: int) -> int:
    """Return how many steps lie between two looks at the loss of all rows."""
    return max(LOOK, rows // BATCH)


def _rank(loss: float) -> float:
    return loss if loss == loss else float("inf")


def _run(
    loss_and_gradient: LossAndGradient,
    value: Callable[[Tensor], float],
    start: Tensor,
    rows: int,
    rate: float,
    steps: int,
    until: Until,
    generator: torch.Generator,
    *,
    decays: bool = False,
) -> tuple[float, Tensor, int, End]:
    """Return the lowest loss over all rows that was seen, its vector, and the steps made."""
    leaf = start.clone().requires_grad_()
    optimizer = torch.optim.Adam([leaf], lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps) if decays else None
    best, kept, made = float("inf"), start, 0
    end: End | None = None
    while end is None:
        taken = None if rows <= BATCH else torch.randint(rows, (BATCH,), generator=generator)
        _, leaf.grad = loss_and_gradient(leaf.detach(), taken)
        optimizer.step()
        if schedule is not None:
            schedule.step()
        made += 1
        late = time.monotonic() >= until.deadline
        if made % _between(rows) == 0 or made >= steps or late:
            loss = value(leaf.detach())
            if loss < best:
                best, kept = loss, leaf.detach().clone()
            end = "steps" if made >= steps else until.end(best, made)
    return best, kept, made, end
