"""Find the smallest set of changes that makes the network learn, and prove each member of it.

Bugs are mended first. Then single changes are tried, data before settings before architecture; if
none suffices, all of them together with a grid of learning rates and longer training, from which
whatever is not needed is taken away again (delta debugging, Zeller and Hildebrandt 2002). What is
left is tried with each of its members left out: only a member that makes a difference is a cause.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.finding import NotRun
from unstuck.core.options import Options, Progress
from unstuck.core.setup import Setup
from unstuck.core.transform import Unchangeable
from unstuck.core.trial import GOES_ON, MOST, Arm, Attempt, Prescription, Trial
from unstuck.replay import Unreplayable
from unstuck.trial.cost import MIN_MEMBERS, rounded, seconds
from unstuck.trial.ensemble import OutOfTime, Result
from unstuck.trial.grid import length_factor, on_grid, rate_factor
from unstuck.trial.laboratory import ENOUGH, Changes, Laboratory, Point, needed
from unstuck.trial.masked import mends
from unstuck.trial.prove import compared, proved, reduced
from unstuck.trial.quicker import Descent, Quicker, quicker
from unstuck.trial.update import Untrainable

Behind = Callable[[Setup, Changes], dict[str, Changes]]


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """What a search found. attempts: the sets tried, in order; cut: whether trials made a run's beginning only."""

    untreated: Arm | None
    prescription: Prescription | None
    changes: Changes
    trials: dict[str, Trial]
    attempts: tuple[Attempt, ...]
    not_run: tuple[NotRun, ...]
    cut: bool = False

    @property
    def compared(self) -> Arm | None:
        """The untreated arm, None where fresh starts learn and only the recorded one does not."""
        shortened = self.prescription is not None and self.prescription.aim is not None
        restarted = self.untreated is not None and self.untreated.share >= ENOUGH and not shortened
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


def search(
    setup: Setup,
    remedies: dict[str, Changes],
    goal: float,
    options: Options,
    progress: Progress,
    descent: Descent | None = None,
    behind: Behind = lambda *_: {},
) -> Search:
    """Find and prove a prescription. remedies: fault -> alternative changes, the mildest first.

    behind: asked, where bugs and data mended do not suffice, for the remedies of what shows once they are.

    descent: of the recorded run; where trials can make only its beginning and nothing is found, mends that
    bring it down faster are looked for.
    """
    restarts = {name: c for name, c in remedies.items() if _restarts(setup, c[0])}
    plain = {name: c for name, c in remedies.items() if name not in restarts}
    lab = Laboratory(setup, plain, goal, options, progress)
    cut = lab.within is not None
    not_run: list[NotRun] = []
    if lab.size is None or cut:
        first = lab.setup.plan.steps
        only = f"trials make the first {first:,} of {setup.plan.steps:,} steps, since " * bool(
            lab.size
        )
        because = (
            f"{only}one arm of {MIN_MEMBERS} networks would take about"
            f" {seconds(setup, MIN_MEMBERS):.0f} s; raise --budget"
            f" (to about {rounded(needed(setup)):.0f})"
        )
        not_run.append(NotRun("trial", "ensemble", because))
    if lab.size is None:
        return Search(None, None, (), {}, (), tuple(not_run))
    untreated: Result | None = None
    found: _Found | None = None
    try:
        untreated = lab.arm(Point(()), confirm=True)
        if untreated is not None and untreated.arm().share >= ENOUGH:
            found = _restarted(lab, untreated, restarts)
            if found is None:
                fresh = untreated.arm()
                because = f"{fresh.learned} of {fresh.members} fresh starts learn with no change"
                not_run.append(NotRun("trial", "search", because))
        elif untreated is not None and (later := _soon_there(lab, descent)) is not None:
            lab.doubled()
            found, because = _sooner(lab), _told(later)
            not_run += [NotRun("trial", GOES_ON, because)] if found is None else []
        elif untreated is not None:
            found = _prescribed(lab, behind)
    except OutOfTime:
        because = f"the budget for proofs ran out ({options.seconds:.0f} s); raise --budget"
        not_run.append(NotRun("trial", "search", because))
    except (Untrainable, Unreplayable) as reason:
        not_run.append(NotRun("trial", "ensemble", str(reason)))
    not_run += [NotRun("trial", name, why) for name, why in sorted(lab.refused.items())]
    if found is None and cut and descent is not None:
        faster = _quicker(lab, descent)
        if faster is not None:
            return _shortened(lab, faster, tuple(not_run))
    arm = untreated.arm() if untreated is not None else None
    if found is None or arm is None:
        return Search(arm, None, (), {}, tuple(lab.attempts), tuple(not_run), cut)
    changes = found.changes
    names = tuple(c.name for c in changes)
    others = tuple(
        attempt
        for attempt in lab.attempts
        if attempt.names and attempt.arm.share >= ENOUGH and set(attempt.names) != set(names)
    )
    say = tuple(c.say for c in changes)
    prescription = Prescription(names, say, _safety(changes), found.without, found.treated, others)
    attempts = tuple(lab.attempts)
    return Search(arm, prescription, changes, found.trials, attempts, tuple(not_run), cut)


def _soon_there(lab: Laboratory, descent: Descent | None) -> Arm | None:
    """Return how twice the steps do by themselves, where a run that has begun to learn needs no more.

    A change counts where to be without it takes twice the steps or more: so does a length.
    """
    if descent is None or lab.within is not None or not descent.end <= descent.begun:
        return None
    result = lab.as_long_again()
    return result.arm() if result is not None and result.arm().share >= ENOUGH else None


def _told(later: Arm) -> str:
    return (
        f"{later.learned} of {later.members} fresh starts learn with no change where the run goes on"
        f" (median {later.median_steps:,.0f} steps)"
    )


def _sooner(lab: Laboratory) -> _Found | None:
    """Return mends of bugs and rows without which it takes twice the steps; a larger rate is no mend."""
    mends = [
        c[-1]
        for c in lab.remedies.values()
        if c[0].kind in (Kind.BUG, Kind.DATA) and not length_factor(lab.setup, c[0])
    ]
    bugs = tuple(change for change in mends if change.kind is Kind.BUG)
    data = [(change,) for change in mends if change.kind is Kind.DATA]
    for some in dict.fromkeys([(), *data, tuple(c for one in data for c in one)]):
        point = Point((*bugs, *some))
        found = _shown(lab, point) if point.all and lab.suffices(point) else None
        if found is not None and all(
            found.trials[c.name].verdict == "helps" for c in found.changes
        ):
            return found
    return None


def _quicker(lab: Laboratory, descent: Descent) -> Quicker | None:
    bugs = tuple(c[0] for c in lab.remedies.values() if c[0].kind is Kind.BUG)
    mends = tuple(change for change in bugs if not length_factor(lab.setup, change))
    lab.clock.grant()
    try:
        return quicker(lab, mends, descent)
    except (OutOfTime, Untrainable, Unreplayable):
        return None


def _shortened(lab: Laboratory, faster: Quicker, not_run: tuple[NotRun, ...]) -> Search:
    changes = faster.changes
    names, say = tuple(c.name for c in changes), tuple(c.say for c in changes)
    chosen = Prescription(
        names, say, _safety(changes), faster.without, faster.treated, aim=faster.aim
    )
    attempts = tuple(lab.attempts)
    return Search(faster.without, chosen, changes, faster.trials, attempts, not_run, cut=True)


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
    without = lab.arm(Point((again,)), confirm=True)
    if without is None or without.arm().share > 1 - ENOUGH:
        return None
    trial = compared(name, without, fresh, lab.spent)
    return _Found(changes[:1], {name: trial}, without.arm(), fresh.arm())


def _from_recorded(setup: Setup) -> Setup:
    return dataclasses.replace(setup, start="recorded")


def _safety(changes: Changes) -> Safety:
    worst = [Safety.SHOW, Safety.UNSAFE, Safety.SAFE]
    return min((c.safety for c in changes), key=worst.index, default=Safety.SAFE)


def _prescribed(lab: Laboratory, behind: Behind) -> _Found | None:
    """Return the smallest sufficient set of changes with its trials; where none suffices, the best one
    if most starts learn with it, else None.
    """
    known = _Sorted(lab)
    for point in _plain(lab, known):
        found = _shown(lab, point)
        if found is not None:
            return found
    shown = behind(lab.setup, mends(lab.setup, lab.remedies))
    more = {name: c for name, c in shown.items() if not _restarts(lab.setup, c[0])}
    if more:
        lab.remedies = {**lab.remedies, **more}
        known = _Sorted(lab)
    for point in itertools.chain(_plain(lab, known) if more else (), _candidates(lab, known)):
        found = _shown(lab, point)
        if found is not None:
            return found
    best, lab.enough = lab.best(), MOST
    return None if best is None else _shown(lab, best)


class _Sorted:
    """The remedies of a laboratory by what they do: bugs, data and settings, shapes, rates, lengths."""

    def __init__(self, lab: Laboratory) -> None:
        every = lab.remedies.values()
        self.rates = [c for changes in every for c in changes if rate_factor(lab.setup, c)]
        lengths = [c for changes in every for c in changes if length_factor(lab.setup, c)]
        self.lengths = [] if lab.within else lengths
        timed = {id(change) for change in (*self.rates, *lengths)}
        plain = [changes for changes in every if not any(id(c) in timed for c in changes)]
        self.bugs = tuple(changes[0] for changes in plain if changes[0].kind is Kind.BUG)
        others = sorted(
            (changes for changes in plain if changes[0].kind is not Kind.BUG),
            key=lambda changes: (changes[0].kind, changes[0].safety is Safety.UNSAFE),
        )
        self.data = [c[-1] for c in others if c[0].kind is not Kind.ARCHITECTURE]
        self.shapes = [c for c in others if c[0].kind is Kind.ARCHITECTURE]

    @property
    def kept(self) -> tuple[Changes, ...]:
        """No change of data and settings, each by itself, all of them."""
        return tuple(dict.fromkeys([(), *((change,) for change in self.data), tuple(self.data)]))


def _plain(lab: Laboratory, known: _Sorted) -> Iterable[Point]:
    """Yield sufficient sets of bugs' mends, data and settings, the ones that keep most of the user's intent first."""
    for some in known.kept:
        if (known.bugs or some) and lab.suffices(Point((*known.bugs, *some))):
            yield Point((*known.bugs, *some))


def _shown(lab: Laboratory, point: Point) -> _Found | None:
    """Reduce a sufficient set and prove each member of it, for which the clock grants more time."""
    lab.clock.grant()
    shown = proved(lab, reduced(lab, point))
    bare = lab.arm(Point(()), confirm=True)
    if shown is None or bare is None:
        return None
    point, trials, treated = shown
    return _Found(point.all, trials, bare.arm(), treated.arm())


def _candidates(lab: Laboratory, known: _Sorted) -> Iterable[Point]:
    """Yield sufficient sets with other rates, lengths and shapes, likewise."""
    bugs, rates, lengths = known.bugs, known.rates, known.lengths
    for some in known.kept:
        yield from on_grid(lab, (*bugs, *some), rates, lengths)
    mildest_first = sorted(
        (c for changes in known.shapes for c in changes),
        key=lambda c: (  # sizes before kinds of layers, and these before what is given to the first
            _rewrites(lab.setup, c),
            c.safety is Safety.UNSAFE,
            c.size,
        ),
    )
    scaled = (*bugs, *known.data)
    for change in mildest_first:
        if lab.suffices(Point((*scaled, change))):
            yield Point((*scaled, change))
            break
    for change in mildest_first:
        yield from on_grid(lab, (*scaled, change), rates, lengths)
    strongest = tuple(changes[-1] for changes in known.shapes)
    if len(strongest) > 1:
        yield from on_grid(lab, (*scaled, *strongest), rates, lengths)
    for bug in bugs:
        rest = (*(b for b in bugs if b is not bug), *known.data)
        yield from on_grid(lab, rest, rates, lengths)


def _rewrites(setup: Setup, change: Change) -> bool:
    """Whether the change alters what the network computes, rather than how large it is."""
    try:
        return change.setup(setup).program is not setup.program
    except Unchangeable:
        return True
