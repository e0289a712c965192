"""Causes proved by running the script itself, patched in this way and that.

For trainings that memory alone cannot follow (an update rule of another make, a network that changes
as it trains): what an ensemble would have answered is asked of a few runs of the script, each from
seeds of its own. Sets of changes are tried as in `trial.search`, only fewer of them.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import NotRun
from unstuck.core.options import Options, Progress, silent
from unstuck.core.trial import MENDS, Arm, Attempt, Patch, Prescription, Trial, TrialVerdict
from unstuck.patch import Unpatchable, write
from unstuck.runner import job as jobs
from unstuck.runner import scratch
from unstuck.theory.interval import paired_difference, share_interval
from unstuck.verify.script import WEIGHED, Script

RUNS = 8
"""Runs of an arm, at least: 8 of 8 against 4 of 8 is clear of no difference, 5 of 5 against 3 is not."""

SCREENED = 2
"""Runs that tell whether a set is worth the others: a set that mends 95 % fails both once in 400."""

Changes = tuple[Change, ...]


class OutOfTime(Exception):
    """The time for running the script again is over."""


def provable(diagnosis: Diagnosis) -> bool:
    """Whether running the script again could prove what memory could not."""
    sick = diagnosis.verdict in {"stuck", "slow", "diverged"}
    goal = diagnosis.ladder.goal if diagnosis.ladder else None
    untried = diagnosis.prescription is None and not diagnosis.trials
    return sick and goal is not None and untried and bool(_remedies(diagnosis))


def prove(
    diagnosis: Diagnosis, folder: Path, options: Options, progress: Progress = silent
) -> Diagnosis:
    """Return the diagnosis with the trials that runs of the script were, and what they prescribe."""
    assert diagnosis.ladder is not None and diagnosis.ladder.goal is not None
    job, _ = jobs.read(folder)
    if job.kind == "code":
        return _and_not_run(diagnosis, "code given with -c has no file that could be patched")
    deadline = time.monotonic() + options.verify_seconds
    try:
        with tempfile.TemporaryDirectory(prefix="unstuck-") as place:
            script = Script(job, Path(place), deadline)
            script.plain = any(finding.name == WEIGHED for finding in diagnosis.findings)
            bench = _Bench(script, diagnosis.ladder.goal, max(RUNS, options.seeds), progress)
            return _with(diagnosis, bench, _found(bench, _remedies(diagnosis)))
    except scratch.ScratchError as reason:
        return _and_not_run(diagnosis, str(reason))


@dataclasses.dataclass(frozen=True, slots=True)
class _Proof:
    """A set of changes that mends, its patch, and the trial of each member."""

    changes: Changes
    patch: Patch
    trials: dict[str, Trial]


class _Bench:
    """Runs the script with sets of changes; remembers the end of every run."""

    def __init__(self, script: Script, goal: float, runs: int, progress: Progress) -> None:
        self.script, self.goal, self.runs, self.progress = script, goal, runs, progress
        self.attempts: dict[tuple[str, ...], Attempt] = {}
        self.stopped = ""
        self._ends: dict[tuple[str, ...], list[float]] = {}

    def ends(self, changes: Changes, runs: int) -> list[float]:
        """Return the losses of this many runs. Raises Unpatchable, OutOfTime."""
        say = tuple(change.say for change in changes)
        found = self._ends.setdefault(say, [])
        texts = {Path(name): text for name, text in self.patch(changes).files.items()}
        while len(found) < runs:
            if time.monotonic() > self.script.deadline:
                raise OutOfTime
            self.progress(f"running the script: {' + '.join(say) or 'as it is'}", None)
            found.append(self.script.end(texts, seed=len(found) + 1))
        names = tuple(dict.fromkeys(change.name for change in changes))
        self.attempts[say] = Attempt(names, " + ".join(say) or "as it is", self.arm(found))
        return found[:runs]

    def patch(self, changes: Changes) -> Patch:
        """Return the source with these changes. Raises Unpatchable."""
        return write([edit for c in changes for edit in c.edits]) if changes else Patch({}, "")

    def arm(self, ends: list[float]) -> Arm:
        """Return the share of these runs that learned."""
        learned = sum(self.learned(end) for end in ends)
        interval = share_interval(learned, len(ends))
        return Arm(learned, len(ends), interval, 0, None, tuple(ends))

    def learned(self, end: float) -> bool:
        """Whether a run ended at the goal."""
        return math.isfinite(end) and end <= self.goal

    def suffices(self, changes: Changes) -> bool:
        """Whether enough of the runs learn; two that do not are enough of an answer."""
        try:
            if not any(self.learned(end) for end in self.ends(changes, SCREENED)):
                return False
            return self.arm(self.ends(changes, self.runs)).share >= MENDS
        except Unpatchable as reason:
            self.stopped = str(reason)
            return False


def _remedies(diagnosis: Diagnosis) -> dict[str, Changes]:
    """Return fault -> changes that can be written into the source; mechanisms are left out."""
    present = {finding.name for finding in diagnosis.findings}
    found = {
        finding.name: tuple(c for c in finding.remedies if c.edits and c.safety is Safety.SAFE)
        for finding in diagnosis.findings
        if finding.explained_by not in present and not finding.hypothesis
    }
    return {name: changes for name, changes in found.items() if changes}


def _candidates(remedies: dict[str, Changes]) -> Iterator[Changes]:
    """Yield sets of changes: bugs, then one more change, then everything at its strongest."""
    bugs = tuple(c[0] for c in remedies.values() if c[0].kind is Kind.BUG)
    others = sorted(
        (c for c in remedies.values() if c[0].kind is not Kind.BUG), key=lambda c: c[0].kind
    )
    singles = [(*bugs, change) for changes in others for change in (changes[0], changes[-1])]
    pairs = [(*bugs, a[0], b[-1]) for a, b in itertools.combinations(others, 2)]
    all_of_them = (*bugs, *(changes[-1] for changes in others))
    for some in dict.fromkeys((bugs, *singles, *pairs, all_of_them)):
        if some:
            yield some


def _found(bench: _Bench, remedies: dict[str, Changes]) -> _Proof | None:
    """Return the first set that mends, without what it does not need; None if there is none."""
    try:
        if bench.arm(bench.ends((), bench.runs)).share >= MENDS:
            bench.stopped = "from other seeds the script learns with no change"
            return None
        for some in _candidates(remedies):
            if bench.suffices(some):
                return _proof(bench, some)
    except OutOfTime:
        bench.stopped = f"the time for running the script was over after {bench.script.runs} runs"
    return None


def _proof(bench: _Bench, changes: Changes) -> _Proof:
    """Leave out each member; drop those without which the rest suffices."""
    for change in sorted(changes, key=lambda c: -c.kind):
        smaller = tuple(c for c in changes if c is not change)
        if smaller and bench.suffices(smaller):
            return _proof(bench, smaller)
    treated = bench.ends(changes, bench.runs)
    trials = {
        change.name: _trial(
            bench,
            change.name,
            bench.ends(tuple(c for c in changes if c is not change), bench.runs),
            treated,
        )
        for change in changes
    }
    return _Proof(changes, bench.patch(changes), trials)


def _trial(bench: _Bench, name: str, without: list[float], treated: list[float]) -> Trial:
    first, second = ([bench.learned(end) for end in ends] for ends in (without, treated))
    difference = paired_difference(first, second)
    verdict: TrialVerdict = "no_difference"
    if difference.clear_of_none:
        verdict = "helps" if difference.low > 0 else "worse"
    interval = (difference.low, difference.high)
    arms = bench.arm(without), bench.arm(treated)
    return Trial(name, *arms, difference.effect, interval, verdict, 0)


def _with(diagnosis: Diagnosis, bench: _Bench, proof: _Proof | None) -> Diagnosis:
    diagnosis = dataclasses.replace(diagnosis, tried=tuple(bench.attempts.values()))
    if proof is None:
        because = bench.stopped or f"of {len(bench.attempts)} sets of changes none mends the script"
        return _and_not_run(diagnosis, because)
    without = bench.arm(bench.ends((), bench.runs))
    treated = bench.arm(bench.ends(proof.changes, bench.runs))
    prescription = Prescription(
        tuple(change.name for change in proof.changes),
        tuple(change.say for change in proof.changes),
        Safety.SAFE,
        without,
        treated,
        patch=proof.patch,
        proof="mends",
        seeds=bench.runs,
        before=without.learned,
        after=treated.learned,
    )
    return dataclasses.replace(diagnosis, trials=proof.trials, prescription=prescription)


def _and_not_run(diagnosis: Diagnosis, because: str) -> Diagnosis:
    gap = NotRun("trial", "runs of the script", because)
    return dataclasses.replace(diagnosis, not_run=(*diagnosis.not_run, gap))
