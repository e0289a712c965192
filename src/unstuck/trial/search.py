"""Find the smallest set of changes that makes the network learn, and prove each member of it.

Bugs are mended first. Then single changes are tried, data before settings before architecture; if
none suffices, all of them together with a grid of learning rates and longer training, from which
whatever is not needed is taken away again (delta debugging, Zeller and Hildebrandt 2002). What is
left is tried with each of its members left out: only a member that makes a difference is a cause.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.finding import NotRun
from unstuck.core.options import Options, Progress
from unstuck.core.setup import Setup
from unstuck.core.transform import Unchangeable
from unstuck.core.trial import Arm, Attempt, Prescription, Trial, TrialVerdict
from unstuck.replay import Unreplayable
from unstuck.theory.interval import paired_difference
from unstuck.trial.clock import Clock
from unstuck.trial.cost import affordable, fewer_rows, longest, seconds
from unstuck.trial.ensemble import Course, OutOfTime, Result, train
from unstuck.trial.update import Untrainable

ENOUGH = 0.95
"""Share of fresh starts that has to reach the goal for a set of changes to be called sufficient."""

MARGIN = 1.5
"""A longer run is prescribed so that `ENOUGH` of the starts are done in 1/1.5 of it."""

TWICE = 2.0
"""A change that only speeds learning up is a cause if it takes at least this factor fewer steps."""

ARMS = 14
"""The cap on seconds is dealt out over about this many arms."""

LONG = 2.5
"""A grid may take this many times an arm's share of the budget."""

DEAR = 4.0
"""An arm that would take this many times its share of the budget is not trained."""

Changes = tuple[Change, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """What a search found. attempts: the sets tried, in order."""

    untreated: Arm | None
    prescription: Prescription | None
    changes: Changes
    trials: dict[str, Trial]
    attempts: tuple[Attempt, ...]
    not_run: tuple[NotRun, ...]

    @property
    def compared(self) -> Arm | None:
        """The untreated arm, None where fresh starts learn and only the recorded one does not."""
        restarted = self.untreated is not None and self.untreated.share >= ENOUGH
        return None if restarted else self.untreated

    def disbelieved(self, because: str) -> Search:
        """Return this search with every trial inconclusive, and no prescription."""
        trials = {
            name: dataclasses.replace(trial, verdict="inconclusive", because=because)
            for name, trial in self.trials.items()
        }
        gap = NotRun("trial", "ensemble", because)
        return dataclasses.replace(
            self, prescription=None, changes=(), trials=trials, not_run=(*self.not_run, gap)
        )


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """A proved set of changes: a trial for each, and the arms without and with all of them."""

    changes: Changes
    trials: dict[str, Trial]
    without: Arm
    treated: Arm


@dataclasses.dataclass(frozen=True, slots=True)
class _Point:
    """A set of changes, split: those that edit the procedure, a rate, a length."""

    others: Changes
    rate: Change | None = None
    steps: Change | None = None

    @property
    def all(self) -> Changes:
        return (*self.others, *(c for c in (self.rate, self.steps) if c is not None))

    def without(self, change: Change) -> _Point:
        return _Point(
            tuple(c for c in self.others if c is not change),
            None if self.rate is change else self.rate,
            None if self.steps is change else self.steps,
        )


class Laboratory:
    """Runs arms for one recording, counts what they cost and remembers what they showed."""

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
        self.each = each
        self._arms: dict[object, Result] = {}

    def applied(self, changes: Iterable[Change]) -> Setup:
        """Return the setup with these changes, mends of bugs first. Raises Unchangeable."""
        assert self.size is not None
        setup = fewer_rows(self.setup, self.size.rows)
        for change in sorted(changes, key=lambda c: c.kind):
            setup = change.setup(setup)
        return setup

    def arm(self, point: _Point, *, confirm: bool = False) -> Result | None:
        """Train the ensemble of this set; None if it has no meaning here."""
        assert self.size is not None
        members = self.size.confirm if confirm else self.size.search
        return self.run(point.all, members, (1.0,))

    def grid(self, others: Changes, factors: tuple[float, ...], steps: int) -> Result | None:
        """Train this set at each of these rates, for this many steps."""
        assert self.size is not None
        return self.run(others, self.size.search, factors, steps)

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
        course = Course(self.goal, members, self.options.random_state, self.clock, rates=rates)
        result = train(setup, course)
        self.spent += members * len(rates) * result.steps
        self._arms[key] = result
        if len(rates) == 1:
            names = tuple(dict.fromkeys(c.name for c in changes))
            self.attempts.append(Attempt(names, said, result.arm()))
        return result


def search(
    setup: Setup,
    remedies: dict[str, Changes],
    goal: float,
    options: Options,
    progress: Progress,
) -> Search:
    """Find and prove a prescription. remedies: fault -> alternative changes, the mildest first."""
    restarts = {name: c for name, c in remedies.items() if _restarts(setup, c[0])}
    plain = {name: c for name, c in remedies.items() if name not in restarts}
    lab = Laboratory(setup, plain, goal, options, progress)
    if lab.size is None:
        because = (
            f"one arm of {options.members} networks would take about"
            f" {seconds(setup, options.members):.0f} s; raise --budget"
        )
        return Search(None, None, (), {}, (), (NotRun("trial", "ensemble", because),))
    untreated: Result | None = None
    not_run: list[NotRun] = []
    found: _Found | None = None
    try:
        untreated = lab.arm(_Point(()), confirm=True)
        if untreated is not None and untreated.arm().share >= ENOUGH:
            found = _restarted(lab, untreated, restarts)
            if found is None:
                fresh = untreated.arm()
                because = f"{fresh.learned} of {fresh.members} fresh starts learn with no change"
                not_run.append(NotRun("trial", "search", because))
        elif untreated is not None:
            found = _prescribed(lab)
    except OutOfTime:
        because = f"the budget for proofs ran out ({options.seconds:.0f} s); raise --budget"
        not_run.append(NotRun("trial", "search", because))
    except (Untrainable, Unreplayable) as reason:
        not_run.append(NotRun("trial", "ensemble", str(reason)))
    not_run += [NotRun("trial", name, why) for name, why in sorted(lab.refused.items())]
    arm = untreated.arm() if untreated is not None else None
    if found is None or arm is None:
        return Search(arm, None, (), {}, tuple(lab.attempts), tuple(not_run))
    changes = found.changes
    names = tuple(c.name for c in changes)
    others = tuple(
        attempt
        for attempt in lab.attempts
        if attempt.names and attempt.arm.share >= ENOUGH and set(attempt.names) != set(names)
    )
    say = tuple(c.say for c in changes)
    prescription = Prescription(names, say, _safety(changes), found.without, found.treated, others)
    return Search(arm, prescription, changes, found.trials, tuple(lab.attempts), tuple(not_run))


def _restarts(setup: Setup, change: Change) -> bool:
    """Whether all that the change does is to start from fresh draws."""
    recorded = dataclasses.replace(setup, start="recorded")
    try:
        changed = change.setup(recorded)
    except Unchangeable:
        return False
    return changed.start == "draw" and dataclasses.replace(changed, start="recorded") == recorded


def _restarted(lab: Laboratory, fresh: Result, restarts: dict[str, Changes]) -> _Found | None:
    """Where fresh starts learn and the recorded one does not, it was the start."""
    assert lab.size is not None
    if not restarts:
        return None
    ((name, changes),) = list(restarts.items())[:1]
    again = Change("recorded start", "the recorded start", _from_recorded)
    without = lab.arm(_Point((again,)), confirm=True)
    if without is None or without.arm().share > 1 - ENOUGH:
        return None
    trial = compared(name, without, fresh, lab.spent)
    return _Found(changes[:1], {name: trial}, without.arm(), fresh.arm())


def _from_recorded(setup: Setup) -> Setup:
    return dataclasses.replace(setup, start="recorded")


def _safety(changes: Changes) -> Safety:
    worst = [Safety.SHOW, Safety.UNSAFE, Safety.SAFE]
    return min((c.safety for c in changes), key=worst.index, default=Safety.SAFE)


def _prescribed(lab: Laboratory) -> _Found | None:
    """Return the smallest sufficient set of changes with its trials, None if none suffices."""
    rates = [c for changes in lab.remedies.values() for c in changes if _rate(lab.setup, c)]
    lengths = [c for changes in lab.remedies.values() for c in changes if _length(lab.setup, c)]
    plain = [
        changes
        for changes in lab.remedies.values()
        if not any(c in rates or c in lengths for c in changes)
    ]
    bugs = tuple(changes[0] for changes in plain if changes[0].kind is Kind.BUG)
    others = sorted(
        (changes for changes in plain if changes[0].kind is not Kind.BUG),
        key=lambda changes: changes[0].kind,
    )
    for point in _candidates(lab, bugs, others, rates, lengths):
        proved = _proved(lab, _reduced(lab, point))
        if proved is not None:
            point, trials, treated = proved
            bare = lab.arm(_Point(()), confirm=True)
            assert bare is not None
            return _Found(point.all, trials, bare.arm(), treated.arm())
    return None


def _candidates(
    lab: Laboratory,
    bugs: Changes,
    others: list[Changes],
    rates: list[Change],
    lengths: list[Change],
) -> Iterable[_Point]:
    """Yield sufficient sets, the ones that keep most of the user's intent first."""
    data = [changes[0] for changes in others if changes[0].kind is not Kind.ARCHITECTURE]
    shapes = [changes for changes in others if changes[0].kind is Kind.ARCHITECTURE]
    kept = [(), *((change,) for change in data), tuple(data)]
    for some in dict.fromkeys(kept):
        if (bugs or some) and _suffices(lab, _Point((*bugs, *some))):
            yield _Point((*bugs, *some))
    for some in dict.fromkeys(kept):
        yield from _on_grid(lab, (*bugs, *some), rates, lengths)
    mildest_first = sorted(
        (c for changes in shapes for c in changes),
        key=lambda c: (_rewrites(lab.setup, c), c.size),  # sizes before kinds of layers
    )
    scaled = (*bugs, *data)
    for change in mildest_first:
        if _suffices(lab, _Point((*scaled, change))):
            yield _Point((*scaled, change))
            break
    for change in mildest_first:
        yield from _on_grid(lab, (*scaled, change), rates, lengths)
    strongest = tuple(changes[-1] for changes in shapes)
    if len(strongest) > 1:
        yield from _on_grid(lab, (*scaled, *strongest), rates, lengths)
    for bug in bugs:
        rest = (*(b for b in bugs if b is not bug), *data)
        yield from _on_grid(lab, rest, rates, lengths)


def _rewrites(setup: Setup, change: Change) -> bool:
    """Whether the change alters what the network computes, rather than how large it is."""
    try:
        return change.setup(setup).program is not setup.program
    except Unchangeable:
        return True


def _suffices(lab: Laboratory, point: _Point) -> bool:
    result = lab.arm(point)
    return result is not None and result.arm().share >= ENOUGH


_Rate = tuple[Change | None, float]
"""A change of the rate or of the length (None: as it is), and its factor."""

_AS_IT_IS: _Rate = (None, 1.0)


def _on_grid(
    lab: Laboratory, others: Changes, rates: list[Change], lengths: list[Change]
) -> Iterable[_Point]:
    """Yield this set with the mildest rate and length at which it suffices, if there is one.

    All rates are trained for the longest time where that is affordable; else all of them as long as
    the script does, and then the two that did best for longer.
    """
    tried: list[_Rate] = [_AS_IT_IS]
    tried += [(c, factor) for c in rates if (factor := _rate(lab.setup, c))]
    base, limit = lab.setup.plan.steps, longest(lab.setup)
    times: list[_Rate] = [_AS_IT_IS]
    times += [(c, f) for c in lengths if (f := _length(lab.setup, c)) and f * base <= limit]
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
    cost = _grid_seconds(lab, others, rates, [_AS_IT_IS])
    if cost <= LONG * lab.each or len(rates) <= 2:
        return rates
    part = max(1, math.floor(lab.setup.plan.steps * LONG * lab.each / cost))
    return _on(lab, others, rates, [(None, part / lab.setup.plan.steps)])[1][:2]


def _affordable(
    lab: Laboratory, others: Changes, rates: list[_Rate], times: list[_Rate]
) -> list[_Rate]:
    """Return the lengths of training that a grid of these rates can afford."""
    while len(times) > 1 and _grid_seconds(lab, others, rates, times) > LONG * lab.each:
        times = times[:-1]
    return times


def _on(
    lab: Laboratory, others: Changes, rates: list[_Rate], times: list[_Rate]
) -> tuple[list[_Point], list[_Rate]]:
    """Return the sufficient points of this grid, the mildest first, and the rates, the best first."""
    assert lab.size is not None
    base, members = lab.setup.plan.steps, lab.size.search
    steps = max(1, math.ceil(base * times[-1][1]))
    result = lab.grid(others, tuple(factor for _, factor in rates), steps)
    if result is None:
        return [], rates
    found: list[tuple[int, float, _Point]] = []
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
                found.append((count, far, _Point(others, rate, change)))
                break
    found.sort(key=lambda point: point[:2])
    best = sorted(range(len(rates)), key=medians.__getitem__)
    return [point for _, _, point in found], [rates[place] for place in best]


def _grid_seconds(
    lab: Laboratory, others: Changes, rates: list[_Rate], times: list[_Rate]
) -> float:
    assert lab.size is not None
    steps = math.ceil(lab.setup.plan.steps * times[-1][1])
    try:
        return seconds(lab.applied(others), lab.size.search * len(rates), steps)
    except Unchangeable:
        return 0.0


def _reduced(lab: Laboratory, point: _Point) -> _Point:
    """Take away what is not needed, architecture first, bugs' mends last."""
    for change in sorted(point.all, key=lambda c: (-c.kind, c.size)):
        if change.kind is Kind.BUG or len(point.all) == 1:
            continue
        smaller = point.without(change)
        if _suffices(lab, smaller):
            point = smaller
    return _milder(lab, point)


def _milder(lab: Laboratory, point: _Point) -> _Point:
    """Replace each change by the mildest of its alternatives that still suffices."""
    for change in point.others:
        for milder in lab.remedies.get(change.name, ()):
            if milder.size >= change.size:
                continue
            others = tuple(milder if c is change else c for c in point.others)
            if _suffices(lab, dataclasses.replace(point, others=others)):
                point = dataclasses.replace(point, others=others)
                break
    return point


def _proved(lab: Laboratory, point: _Point) -> tuple[_Point, dict[str, Trial], Result] | None:
    """Confirm the point on the larger ensemble; leave each member out, and drop those not needed."""
    dropped: dict[str, Trial] = {}
    while True:
        treated = lab.arm(point, confirm=True)
        if treated is None or treated.arm().share < ENOUGH:
            return None
        trials, idle = _left_out(lab, point, treated)
        if idle is None:
            return point, {**dropped, **trials}, treated
        dropped[idle.name] = trials[idle.name]
        point = point.without(idle)


def _left_out(
    lab: Laboratory, point: _Point, treated: Result
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
        if trial.verdict != "helps" and without.arm().share >= ENOUGH and len(point.all) > 1:
            return trials, change
    return trials, None


def _closer(lab: Laboratory, point: _Point, change: Change) -> Trial | None:
    """Repeat an undecided trial on four times as many networks, where that is affordable."""
    assert lab.size is not None
    members = 4 * lab.size.confirm
    if seconds(lab.applied(point.all), members) > 2 * lab.each:
        return None
    treated = lab.run(point.all, members, (1.0,))
    without = lab.run(point.without(change).all, members, (1.0,))
    if treated is None or without is None:
        return None
    return compared(change.name, without, treated, lab.spent)


def compared(name: str, without: Result, treated: Result, cost: int) -> Trial:
    """Return the trial of one change: the arm that lacks it against the arm that has it all."""
    pairs = min(len(without.hits), len(treated.hits))
    first = [bool(hit >= 0) for hit in without.hits[:pairs]]
    second = [bool(hit >= 0) for hit in treated.hits[:pairs]]
    difference = paired_difference(first, second)
    low, high = difference.low, difference.high
    without_arm, with_arm = without.arm(), treated.arm()
    verdict: TrialVerdict = "no_difference"
    if low > 0:
        verdict = "helps"
    elif high < 0:
        verdict = "worse"
    elif _faster(without_arm, with_arm):
        verdict = "helps"
    return Trial(name, without_arm, with_arm, difference.effect, (low, high), verdict, cost)


def _faster(without: Arm, with_it: Arm) -> bool:
    """Whether at least twice the steps are taken without the change."""
    if with_it.median_steps is None or without.median_steps is None:
        return False
    return without.median_steps >= TWICE * max(with_it.median_steps, 1.0)


def _rate(setup: Setup, change: Change) -> float | None:
    """Return the factor on the learning rate, if that is all that the change does."""
    try:
        changed = change.setup(setup)
    except Unchangeable:
        return None
    if changed.optimizer == setup.optimizer or changed.plan is not setup.plan:
        return None
    if changed.program is not setup.program or changed.optimizer.kind != setup.optimizer.kind:
        return None
    factors = {
        b["lr"] / a["lr"]
        for a, b in zip(setup.optimizer.groups, changed.optimizer.groups, strict=True)
        if a["lr"]
    }
    return factors.pop() if len(factors) == 1 else None


def _length(setup: Setup, change: Change) -> float | None:
    """Return the factor on the number of steps, if that is all that the change does."""
    try:
        changed = change.setup(setup)
    except Unchangeable:
        return None
    same = changed.program is setup.program and changed.optimizer == setup.optimizer
    if not same or changed.plan.steps == setup.plan.steps:
        return None
    return changed.plan.steps / setup.plan.steps
