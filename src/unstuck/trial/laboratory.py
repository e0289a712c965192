"""The laboratory of one search: trains the arms that it is asked for, within the budget, once each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from unstuck.core.change import Change, Kind
from unstuck.core.options import Options, Progress
from unstuck.core.setup import Setup
from unstuck.core.transform import Unchangeable, without_dropout
from unstuck.core.trial import MOST, TWICE, Attempt
from unstuck.trial.clock import Clock
from unstuck.trial.cost import LEAST, MIN_MEMBERS, affordable, fewer_rows, seconds
from unstuck.trial.ensemble import Course, OutOfTime, Result, train

ENOUGH = 0.95
"""Share of fresh starts that has to reach the goal for a set of changes to be called sufficient."""

ARMS = 14
"""The cap on seconds is dealt out over about this many arms."""

FEWEST_STEPS = 500
LEAST_PART = 0.02
"""Of a run whose arms are too dear, trials make the beginning, if it is this many steps and this share of all."""

LONGEST_ARM = 1.5
"""Times its share of the budget that an arm of such a beginning takes: few arms, and as long as may be."""

DEAR = 4.0
"""An arm that would take this many times its share of the budget is not trained."""

Changes = tuple[Change, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """A set of changes, split: those that edit the procedure, a rate, a length."""

    others: Changes
    rate: Change | None = None
    steps: Change | None = None

    @property
    def all(self) -> Changes:
        """Every change of the set."""
        return (*self.others, *(c for c in (self.rate, self.steps) if c is not None))

    def without(self, change: Change) -> Point:
        """Return the set that lacks this change."""
        return Point(
            tuple(c for c in self.others if c is not change),
            None if self.rate is change else self.rate,
            None if self.steps is change else self.steps,
        )


def judged(setup: Setup, remedies: dict[str, Changes], changes: Changes = ()) -> Setup | None:
    """Return the setup that networks are judged by, None where it is the one that they are trained by.

    It has the loss that was meant, and drops nothing at random. changes: those that were made.
    """
    made = {change.name for change in changes}
    lacking = [every[0] for name, every in remedies.items() if name not in made]
    meant = [change for change in lacking if change.meant]
    whole = without_dropout(setup)
    for change in meant:
        whole = (change.judge or change.setup)(whole)
    for change in changes if meant else ():
        whole = _scaled_too(whole, change)
    return None if whole is setup else whole


def _scaled_too(setup: Setup, change: Change) -> Setup:
    """Give the judge the rows that the networks were trained on, where a change is about nothing else."""
    if change.kind is not Kind.DATA or change.meant:
        return setup
    try:
        changed = change.setup(setup)
    except Unchangeable:
        return setup
    return changed if changed.program is setup.program else setup


def needed(setup: Setup) -> float:
    """Return the seconds of budget from which on a search of the smallest ensembles would be begun."""
    return seconds(setup, MIN_MEMBERS) / LEAST * ARMS


def beginning(setup: Setup, each: float) -> Setup | None:
    """Return the setup with so many steps that an arm takes about `each` seconds, None if these are too few."""
    whole = setup.plan.steps
    steps = int(whole * min(LONGEST_ARM * each / seconds(setup, MIN_MEMBERS), 1.0))
    if steps < max(FEWEST_STEPS, LEAST_PART * whole):
        return None
    return dataclasses.replace(setup, plan=dataclasses.replace(setup.plan, steps=steps))


class Laboratory:
    """Runs arms for one recording, counts what they cost and remembers what they showed.

    within: where a whole arm is too dear, and `setup` the beginning of the run: the steps by which networks
    have to be done, so that to be without a change is to take twice as many; None where arms are whole.
    """

    def __init__(
        self,
        setup: Setup,
        remedies: dict[str, Changes],
        goal: float,
        options: Options,
        progress: Progress,
    ) -> None:
        self.setup, self.goal, self.options = setup, goal, options
        self.remedies = remedies
        self.clock = Clock(options.seconds)
        self.progress = progress
        self.spent = 0
        self.attempts: list[Attempt] = []
        self.refused: dict[str, str] = {}
        each = options.seconds / ARMS
        self.size = affordable(setup, options.members, each)
        self.within: int | None = None
        first = beginning(setup, each) if self.size is None else None
        if first is not None:
            self.setup, self.within = first, first.plan.steps // 2
            self.size = affordable(first, options.members, each)
        self.each = each
        self.enough = ENOUGH
        self._arms: dict[object, Result] = {}
        self._seen: list[tuple[float, Point]] = []

    def as_long_again(self) -> Result | None:
        """Train what is recorded for twice its steps; None where that is too dear."""
        assert self.size is not None
        steps = round(TWICE * self.setup.plan.steps)
        if seconds(self.setup, self.size.confirm, steps) > DEAR * self.each:
            return None
        return self.run((), self.size.confirm, (1.0,), steps)

    def doubled(self) -> None:
        """From now on train for twice the steps, in half of which networks with changes have to be done."""
        steps = self.setup.plan.steps
        plan = dataclasses.replace(self.setup.plan, steps=round(TWICE * steps))
        self.setup, self.within = dataclasses.replace(self.setup, plan=plan), steps
        self._arms.clear()

    def applied(self, changes: Iterable[Change]) -> Setup:
        """Return the setup with these changes, mends of bugs first. Raises Unchangeable."""
        assert self.size is not None
        setup = fewer_rows(self.setup, self.size.rows)
        for change in sorted(changes, key=lambda c: c.kind):
            setup = change.setup(setup)
        return setup

    def treated(self, point: Point, *, confirm: bool = False) -> Result | None:
        """Train the ensemble of this set, which has to be done in time; None if it has no meaning here."""
        result = self.arm(point, confirm=confirm)
        return None if result is None else result.until(self.within)

    def arm(self, point: Point, *, confirm: bool = False) -> Result | None:
        """Train the ensemble of this set; None if it has no meaning here."""
        assert self.size is not None
        members = self.size.confirm if confirm else self.size.search
        result = self.run(point.all, members, (1.0,))
        if result is not None and point.all:
            self._seen.append((result.until(self.within).arm().share, point))
        return result

    def best(self) -> Point | None:
        """Return the set with which most starts learned so far, if these were most of them."""
        share, point = max(self._seen, key=lambda one: one[0], default=(0.0, Point(())))
        return point if share >= MOST else None

    def grid(self, others: Changes, factors: tuple[float, ...], steps: int) -> Result | None:
        """Train this set at each of these rates, for this many steps."""
        assert self.size is not None
        return self.run(others, self.size.screen, factors, steps)

    def run(
        self, changes: Changes, members: int, rates: tuple[float, ...], steps: int | None = None
    ) -> Result | None:
        """Train one arm, or return what it showed before; None if the changes have no meaning here."""
        key = (tuple(sorted((c.name, c.say) for c in changes)), members, rates, steps)
        if key in self._arms:
            return self._arms[key]
        said = " + ".join(c.say for c in changes) or "as it is"
        self.progress(
            f"training {members * len(rates)} networks: {said}", min(self.clock.share, 0.99)
        )
        try:
            setup = self.applied(changes)
        except Unchangeable as reason:
            for change in changes:
                self.refused.setdefault(change.name, str(reason))
            return None
        if steps is not None:
            setup = dataclasses.replace(setup, plan=dataclasses.replace(setup.plan, steps=steps))
        length = setup.plan.steps if steps is None else steps
        if seconds(setup, members * len(rates), length) > DEAR * self.each:
            name = changes[-1].name if changes else "ensemble"
            self.refused.setdefault(name, f"to train {said} takes too long; raise --budget")
            return None
        if self.spent + members * len(rates) * setup.plan.steps > self.options.network_steps:
            raise OutOfTime
        judge = judged(setup, self.remedies, changes)
        course = Course(
            self.goal, members, self.options.random_state, self.clock, rates=rates, judge=judge
        )
        result = train(setup, course)
        self.spent += members * len(rates) * result.steps
        self._arms[key] = result
        if len(rates) == 1:
            names = tuple(dict.fromkeys(c.name for c in changes))
            self.attempts.append(Attempt(names, said, result.arm()))
        return result

    def suffices(self, point: Point) -> bool:
        """Whether enough of the starts learn with this set of changes."""
        result = self.treated(point)
        return result is not None and result.arm().share >= self.enough
