"""Learning rates and lengths of training: a dozen starts of all rates at once, then longer ones."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from unstuck.core.change import Change, Kind
from unstuck.core.setup import Loop, Optimizer, Setup
from unstuck.core.transform import Unchangeable
from unstuck.trial.cost import longest, seconds
from unstuck.trial.laboratory import Changes, Laboratory, Point

MARGIN = 1.5
"""A longer run is prescribed so that `ENOUGH` of the starts are done in 1/1.5 of it."""

LONG = 1.5
"""A grid may take this many times an arm's share of the budget."""

SCREENED = 0.9
"""Share of a grid's starts, a dozen, that has to learn for a point to be tried on the whole ensemble:
of starts that learn with .97, eleven of twelve do so with probability .95."""

YIELDED = 2
"""So many sufficient points of a grid are tried on the whole ensemble, the mildest first."""

_Rate = tuple[Change | None, float]
"""A change of the rate or of the length (None: as it is), and its factor."""

_AS_IT_IS: _Rate = (None, 1.0)


def on_grid(
    lab: Laboratory, others: Changes, rates: list[Change], lengths: list[Change]
) -> Iterable[Point]:
    """Yield this set with the mildest rates and lengths at which a dozen starts learn.

    All rates are trained as long as the script does. Where none is enough, the two that did best and
    the script's own are trained for longer; where one is, its own is, since that may be milder.
    """
    tried: list[_Rate] = [_AS_IT_IS]
    tried += [(c, factor) for c in rates if (factor := rate_factor(lab.setup, c))]
    base, limit = lab.setup.plan.steps, longest(lab.setup)
    longer = [(c, f) for c in lengths if (f := length_factor(lab.setup, c)) and f * base <= limit]
    times: list[_Rate] = [_AS_IT_IS, *sorted(longer, key=lambda time: time[1])]
    tried = _promising(lab, others, tried)
    found, ranked = _on(lab, others, tried, times[:1])
    if not found:
        found = _longer(lab, others, [*dict.fromkeys((*ranked[:2], _AS_IT_IS))], times)
    mildest = min(found, key=_order, default=None)
    if mildest is not None and mildest.point.rate is not None:
        both = mildest.point.steps is not None  # one change is less than two, however large it is
        milder = [t for t in times if both or _beyond(t) < mildest.far]
        found += _longer(lab, others, [_AS_IT_IS], milder)
    yield from (mild.point for mild in sorted(found, key=_order)[:YIELDED])


@dataclasses.dataclass(frozen=True, slots=True)
class _Mild:
    """A sufficient point; far: how far its rate and its length are from the script's, in logarithms."""

    far: float
    point: Point


def _order(mild: _Mild) -> tuple[int, float]:
    """Fewest changes first, then the smallest."""
    return len(mild.point.all), mild.far


def _beyond(time: _Rate) -> float:
    """Return how far a length is from what was meant, in logarithms: one that was planned is not."""
    change, length = time
    return 0.0 if change is not None and change.kind is Kind.BUG else math.log(length)


def _promising(lab: Laboratory, others: Changes, rates: list[_Rate]) -> list[_Rate]:
    """Return the rates that a whole run of each can be afforded for: where not all of them, the two
    that get furthest in the part of a run that can (successive halving, Jamieson and Talwalkar 2016).
    """
    cost = _seconds(lab, others, rates, [_AS_IT_IS])
    if cost <= LONG * lab.each or len(rates) <= 2:
        return rates
    part = max(1, math.floor(lab.setup.plan.steps * LONG * lab.each / cost))
    return _on(lab, others, rates, [(None, part / lab.setup.plan.steps)])[1][:2]


def _longer(
    lab: Laboratory, others: Changes, rates: list[_Rate], times: list[_Rate]
) -> list[_Mild]:
    """Return the sufficient points of the longest training of these rates that can be afforded."""
    while len(times) > 1 and _seconds(lab, others, rates, times) > LONG * lab.each:
        times = times[:-1]
    return _on(lab, others, rates, times)[0] if len(times) > 1 else []


def _on(
    lab: Laboratory, others: Changes, rates: list[_Rate], times: list[_Rate]
) -> tuple[list[_Mild], list[_Rate]]:
    """Return the sufficient points of this grid, and its rates, the best first."""
    assert lab.size is not None
    base, members = lab.setup.plan.steps, lab.size.screen
    steps = max(1, math.ceil(base * times[-1][1]))
    result = lab.grid(others, tuple(factor for _, factor in rates), steps)
    if result is None:
        return [], rates
    found: list[_Mild] = []
    medians: list[float] = []
    for place, (rate, factor) in enumerate(rates):
        block = slice(place * members, (place + 1) * members)
        losses = sorted(loss for loss in result.arm(members=block).losses if loss == loss)
        medians.append(losses[len(losses) // 2] if 2 * len(losses) > members else math.inf)
        for change, length in times:
            within = (lab.within or base) * length / (MARGIN if change is not None else 1.0)
            if result.arm(math.ceil(within), block).share >= SCREENED:
                far = round(abs(math.log(factor)) + _beyond((change, length)), 6)
                found.append(_Mild(far, Point(others, rate, change)))
                break
    best = sorted(range(len(rates)), key=medians.__getitem__)
    return found, [rates[place] for place in best]


def _seconds(lab: Laboratory, others: Changes, rates: list[_Rate], times: list[_Rate]) -> float:
    assert lab.size is not None
    steps = math.ceil(lab.setup.plan.steps * times[-1][1])
    try:
        return seconds(lab.applied(others), lab.size.screen * len(rates), steps)
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
