"""A sufficient set of changes made smaller, and each member of it proved by leaving it out."""

from __future__ import annotations

import dataclasses

from unstuck.core.change import Change, Kind
from unstuck.core.trial import Trial, TrialVerdict
from unstuck.theory.interval import paired_difference
from unstuck.trial.cost import seconds
from unstuck.trial.ensemble import Result
from unstuck.trial.laboratory import Laboratory, Point


def reduced(lab: Laboratory, point: Point) -> Point:
    """Take away what is not needed, architecture first, bugs' mends last."""
    for change in sorted(point.all, key=lambda c: (-c.kind, c.size)):
        if change.kind is Kind.BUG or len(point.all) == 1:
            continue
        smaller = point.without(change)
        if lab.suffices(smaller):
            point = smaller
    return _milder(lab, point)


def _milder(lab: Laboratory, point: Point) -> Point:
    """Replace each change by the mildest of its alternatives that still suffices."""
    for change in point.others:
        for milder in lab.remedies.get(change.name, ()):
            if milder.size >= change.size:
                continue
            others = tuple(milder if c is change else c for c in point.others)
            if lab.suffices(dataclasses.replace(point, others=others)):
                point = dataclasses.replace(point, others=others)
                break
    return point


def proved(lab: Laboratory, point: Point) -> tuple[Point, dict[str, Trial], Result] | None:
    """Confirm the point on the larger ensemble; leave each member out, and drop those not needed."""
    dropped: dict[str, Trial] = {}
    while True:
        treated = lab.treated(point, confirm=True)
        if treated is None or treated.arm().share < lab.enough:
            return None
        trials, idle = _left_out(lab, point, treated)
        if idle is None:
            return point, {**dropped, **trials}, treated
        dropped[idle.name] = trials[idle.name]
        point = point.without(idle)


def _left_out(
    lab: Laboratory, point: Point, treated: Result
) -> tuple[dict[str, Trial], Change | None]:
    """Return a trial for each member, and the first one without which the rest suffices as well."""
    trials: dict[str, Trial] = {}
    for change in sorted(point.all, key=lambda c: -c.kind):
        without = lab.arm(point.without(change), confirm=True)
        if without is None:
            continue
        trial = trials[change.name] = compared(change.name, without, treated, lab.spent)
        if trial.verdict == "no_difference" and trial.effect > 0:
            trial = trials[change.name] = _closer(lab, point, change) or trial
        if trial.verdict != "helps" and without.arm().share >= lab.enough and len(point.all) > 1:
            return trials, change
    return trials, None


def _closer(lab: Laboratory, point: Point, change: Change) -> Trial | None:
    """Repeat an undecided trial on four times as many networks, where that is affordable."""
    assert lab.size is not None
    members = 4 * lab.size.confirm
    if seconds(lab.applied(point.all), members) > 2 * lab.each:
        return None
    treated = lab.run(point.all, members, (1.0,))
    without = lab.run(point.without(change).all, members, (1.0,))
    if treated is None or without is None:
        return None
    return compared(change.name, without, treated.until(lab.within), lab.spent)


def compared(name: str, without: Result, treated: Result, cost: int) -> Trial:
    """Return the trial of one change: the arm that lacks it against the arm that has it all."""
    pairs = min(len(without.hits), len(treated.hits))
    first = [bool(hit >= 0) for hit in without.hits[:pairs]]
    second = [bool(hit >= 0) for hit in treated.hits[:pairs]]
    difference = paired_difference(first, second)
    low, high = difference.low, difference.high
    arms, interval = (without.arm(), treated.arm()), (low, high)
    trial = Trial(name, *arms, difference.effect, interval, "no_difference", cost)
    verdict: TrialVerdict = "no_difference"
    if high < 0:
        verdict = "worse"
    elif low > 0 or trial.faster:
        verdict = "helps"
    return dataclasses.replace(trial, verdict=verdict)
