"""Learning rates and lengths of training: all rates stacked, and one long horizon for all lengths."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from unstuck.core.change import Change
from unstuck.core.setup import Loop, Optimizer, Setup
from unstuck.core.transform import Unchangeable
from unstuck.trial.cost import longest, seconds
from unstuck.trial.laboratory import ENOUGH, Changes, Laboratory, Point

MARGIN = 1.5
"""A longer run is prescribed so that `ENOUGH` of the starts are done in 1/1.5 of it."""

LONG = 2.5
"""A grid may take this many times an arm's share of the budget."""

_Rate = tuple[Change | None, float]
"""A change of the rate or of the length (None: as it is), and its factor."""

_AS_IT_IS: _Rate = (None, 1.0)


def on_grid(
    lab: Laboratory, others: Changes, rates: list[Change], lengths: list[Change]
) -> Iterable[Point]:
    """Yield this set with the mildest rate and length at which it suffices, if there is one.

    All rates are trained for the longest time where that is affordable; else all of them as long as
    the script does, and then the two that did best for longer.
    """
    tried: list[_Rate] = [_AS_IT_IS]
    tried += [(c, factor) for c in rates if (factor := rate_factor(lab.setup, c))]
    base, limit = lab.setup.plan.steps, longest(lab.setup)
    times: list[_Rate] = [_AS_IT_IS]
    times += [(c, f) for c in lengths if (f := length_factor(lab.setup, c)) and f * base <= limit]
    tried = _promising(lab, others, tried)
    short = _affordable(lab, others, tried, times)
    points, ranked = _on(lab, others, tried, short)
    if not points and len(short) < len(times):
        longer = _affordable(lab, others, ranked[:2], times)
        points = _on(lab, others, ranked[:2], longer)[0] if len(longer) > len(short) else []
    if points and points[0].rate is not None and points[0].steps is not None:
        longer = _affordable(lab, others, [_AS_IT_IS], times)
        if len(longer) > len(short):  # the rate as it is, for longer, is one change instead of two
            points = [*_on(lab, others, [_AS_IT_IS], longer)[0], *points]
    yield from points[:1]


def _promising(lab: Laboratory, others: Changes, rates: list[_Rate]) -> list[_Rate]:
    """Return the rates that a whole run of each can be afforded for: where not all of them, the two
    that get furthest in the part of a run that can (successive halving, Jamieson and Talwalkar 2016).
    """
    cost = _seconds(lab, others, rates, [_AS_IT_IS])
    if cost <= LONG * lab.each or len(rates) <= 2:
        return rates
    part = max(1, math.floor(lab.setup.plan.steps * LONG * lab.each / cost))
    return _on(lab, others, rates, [(None, part / lab.setup.plan.steps)])[1][:2]


def _affordable(
    lab: Laboratory, others: Changes, rates: list[_Rate], times: list[_Rate]
) -> list[_Rate]:
    """Return the lengths of training that a grid of these rates can afford."""
    while len(times) > 1 and _seconds(lab, others, rates, times) > LONG * lab.each:
        times = times[:-1]
    return times


def _on(
    lab: Laboratory, others: Changes, rates: list[_Rate], times: list[_Rate]
) -> tuple[list[Point], list[_Rate]]:
    """Return the sufficient points of this grid, the mildest first, and the rates, the best first."""
    assert lab.size is not None
    base, members = lab.setup.plan.steps, lab.size.search
    steps = max(1, math.ceil(base * times[-1][1]))
    result = lab.grid(others, tuple(factor for _, factor in rates), steps)
    if result is None:
        return [], rates
    found: list[tuple[int, float, Point]] = []
    medians: list[float] = []
    for place, (rate, factor) in enumerate(rates):
        block = slice(place * members, (place + 1) * members)
        losses = sorted(loss for loss in result.arm(members=block).losses if loss == loss)
        medians.append(losses[len(losses) // 2] if 2 * len(losses) > members else math.inf)
        for change, length in times:
            within = base * length / (MARGIN if change is not None else 1.0)
            if result.arm(math.ceil(within), block).share >= ENOUGH:
                far = round(abs(math.log(factor)) + math.log(length), 6)
                count = (rate is not None) + (change is not None)
                found.append((count, far, Point(others, rate, change)))
                break
    found.sort(key=lambda point: point[:2])
    best = sorted(range(len(rates)), key=medians.__getitem__)
    return [point for _, _, point in found], [rates[place] for place in best]


def _seconds(lab: Laboratory, others: Changes, rates: list[_Rate], times: list[_Rate]) -> float:
    assert lab.size is not None
    steps = math.ceil(lab.setup.plan.steps * times[-1][1])
    try:
        return seconds(lab.applied(others), lab.size.search * len(rates), steps)
    except Unchangeable:
        return 0.0


def rate_factor(setup: Setup, change: Change) -> float | None:
    """Return the factor on the learning rate, if that is all that the change does."""
    try:
        changed = change.setup(setup)
    except Unchangeable:
        return None
    if changed.optimizer == setup.optimizer or changed.plan is not setup.plan:
        return None
    if changed.program is not setup.program or _but_rates(changed) != _but_rates(setup):
        return None
    factors = {
        b["lr"] / a["lr"]
        for a, b in zip(setup.optimizer.groups, changed.optimizer.groups, strict=True)
        if a["lr"]
    }
    return factors.pop() if len(factors) == 1 else None


def _but_rates(setup: Setup) -> tuple[Optimizer, Loop]:
    """Return the optimizer and the loop's habits without the learning rates."""
    groups = tuple({**group, "lr": 0.0} for group in setup.optimizer.groups)
    return dataclasses.replace(setup.optimizer, groups=groups), setup.loop


def length_factor(setup: Setup, change: Change) -> float | None:
    """Return the factor on the number of steps, if that is all that the change does."""
    try:
        changed = change.setup(setup)
    except Unchangeable:
        return None
    same = changed.program is setup.program and changed.optimizer == setup.optimizer
    same = same and changed.plan.batch == setup.plan.batch
    if not same or changed.plan.steps == setup.plan.steps:
        return None
    return changed.plan.steps / setup.plan.steps
