"""Mends of bugs that bring a run down faster, proved where no trial can last until it has learned.

Trials that make only the beginning of a long run cannot see its goal. What they can see is how low the
networks come without a change, and how soon they come as low with it.
"""

from __future__ import annotations

import dataclasses

import torch

from unstuck.core.change import Change
from unstuck.core.trial import TWICE, Arm, Trial
from unstuck.theory.interval import paired_difference, share_interval
from unstuck.trial.ensemble import Result
from unstuck.trial.laboratory import Changes, Laboratory, Point


@dataclasses.dataclass(frozen=True, slots=True)
class Descent:
    """Where the recorded run came to: end; and begun: the loss below which it has begun to learn."""

    end: float
    begun: float


@dataclasses.dataclass(frozen=True, slots=True)
class Quicker:
    """Changes that are needed to come as low as soon; a trial of each; the arms without and with all."""

    changes: Changes
    trials: dict[str, Trial]
    without: Arm
    treated: Arm
    aim: float


def quicker(lab: Laboratory, bugs: Changes, descent: Descent) -> Quicker | None:
    """Return the mends without any of which the descent takes twice the steps; None if there are none.

    The loss that untreated networks come to has to be one at which the run has begun to learn, and from
    which the recorded one went on to fall: what the first steps do says nothing about the others.
    """
    bare = lab.arm(Point(()), confirm=True)
    if bare is None or not bugs:
        return None
    aim = bare.curve[-1][1]
    if not descent.end < aim <= descent.begun:
        return None
    while bugs:
        whole = lab.arm(Point(bugs), confirm=True)
        trials = {change.name: _trial(lab, bugs, change, whole) for change in bugs} if whole else {}
        needed = tuple(c for c in bugs if trials.get(c.name) is not None)
        if whole is None or needed == bugs:
            break
        bugs = needed
    proved = {name: trial for name, trial in trials.items() if trial is not None}
    if whole is None or not bugs or (soon := _soon(bare, whole)) is None:
        return None
    return Quicker(bugs, proved, *_arms(bare, whole, soon), aim)


def _trial(lab: Laboratory, bugs: Changes, change: Change, whole: Result) -> Trial | None:
    """Return the trial of one mend, None where it is not needed.

    The difference of who is as low in half of the steps has to be clear of none, as in any trial.
    """
    without = lab.arm(Point(bugs).without(change), confirm=True)
    soon = None if without is None else _soon(without, whole)
    if without is None or soon is None:
        return None
    slow, fast = _arms(without, whole, soon)
    aim, half = without.curve[-1][1], without.steps // 2
    gain = paired_difference(_there(without, aim, half), _there(whole, aim, half))
    if gain.low <= 0:
        return None
    interval = gain.low, gain.high
    return Trial(change.name, slow, fast, gain.effect, interval, "helps", lab.spent, aim=aim)


def _soon(without: Result, treated: Result) -> int | None:
    """Return the steps after which the treated half came as low as the others at last, None unless sure.

    Each of the treated networks has to end below each of the others (by chance that is 4e-7 for a dozen
    of each), and twice the steps have to be saved.
    """
    if not bool(treated.losses.max() < without.losses.min()):
        return None
    aim = without.curve[-1][1]
    soon = next((step + 1 for step, loss in treated.curve if loss <= aim), None)
    return soon if soon is not None and TWICE * soon <= without.steps else None


def _there(result: Result, aim: float, within: int) -> list[bool]:
    """Say of each network whether it was as low as `aim` by then."""
    early = torch.tensor([step < within for step, _ in result.curve])
    return [bool(low) for low in (result.looked[early] <= aim).any(0)]


def _arms(without: Result, treated: Result, soon: int) -> tuple[Arm, Arm]:
    """Return both arms: how many were as low as the first came in half of its steps, and the median steps."""
    aim, half = without.curve[-1][1], without.steps // 2
    found = []
    for result, steps in ((without, without.steps), (treated, soon)):
        there = _there(result, aim, half)
        found.append(
            dataclasses.replace(
                result.arm(),
                learned=sum(there),
                interval=share_interval(sum(there), len(there)),
                median_steps=float(steps),
            )
        )
    return found[0], found[1]
