"""From a run folder to a diagnosis: read this file first, it is the only one that joins the layers.

recording -> probe (measures) -> verdict -> rules (suspects) -> search (proofs) -> roles -> patch
"""

from __future__ import annotations

import dataclasses
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from unstuck.core.change import Change
from unstuck.core.diagnosis import RUNGS, Diagnosis, Ladder, LossSummary, Verdict
from unstuck.core.finding import Finding, NotRun
from unstuck.core.layers import compared_by
from unstuck.core.options import Options, Progress, silent
from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Recording
from unstuck.core.rule import Rule
from unstuck.core.setup import Setup
from unstuck.core.trial import GOES_ON, Prescription, Trial
from unstuck.patch import Unpatchable, write
from unstuck.record.elsewhere import reason as elsewhere
from unstuck.record.folder import Unreadable, load
from unstuck.report.ignore_comment import unignored
from unstuck.rules import rules
from unstuck.rules.estimator import in_its_words
from unstuck.runner import trouble
from unstuck.theory.outcome import judged_otherwise

if TYPE_CHECKING:
    from unstuck.trial.quicker import Descent

SICK: tuple[Verdict, ...] = ("stuck", "slow", "diverged")
"""Verdicts that call for proofs; a run that learned, or has nothing left to learn, needs none."""

NO_TRAINING = (
    "no training was seen: no loss was differentiated and no parameter updated by torch, and no perceptron"
    " fitted by scikit-learn"
)


def diagnose(folder: Path, options: Options, progress: Progress = silent) -> Diagnosis:
    """Say what is wrong with the recorded run, and prove it; never starts the script."""
    took: dict[str, float] = {}
    progress("reading the recording", None)
    try:
        recording = load(folder)
    except Unreadable as reason:
        untrained = (folder / "begun").exists() and not (folder / "recording").exists()
        return _nothing(folder, (elsewhere(folder) or NO_TRAINING) if untrained else str(reason))
    if "loss" not in recording.tables:
        why = elsewhere(folder) or recording.gaps.get("setup", NO_TRAINING)
        return _nothing(folder, why, recording)
    progress("measuring", None)
    with _timed(took, "measures"):
        from unstuck.probe import probe

        with threadpool_limits(1):  # on a busy machine threads wait for each other
            probed = probe(recording)
        recording = probed.recording
    with _timed(took, "rules"):
        findings, not_run = _judged(recording, options)
    named = {gap.name for gap in not_run}
    unseen = {name: why for name, why in recording.gaps.items() if name not in named}
    not_run += [NotRun("quantity", name, why) for name, why in unseen.items()]
    not_run = [gap for gap in not_run if not gap.because.startswith(INAPPLICABLE)]
    diagnosis = Diagnosis(
        recording.script,
        probed.verdict,
        probed.sentence,
        _loss(recording),
        _ladder(recording, probed.why),
        tuple(findings),
        {},
        tuple(not_run),
        None,
        (),
        took,
        str(folder),
    )
    if probed.verdict in SICK:
        diagnosis = _proved(diagnosis, recording, options, progress)
    return with_roles(diagnosis)


class _timed:
    """Notes the seconds that a phase takes."""

    def __init__(self, took: dict[str, float], phase: str) -> None:
        self.took, self.phase = took, phase

    def __enter__(self) -> None:
        self.began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.took[self.phase] = time.perf_counter() - self.began


def _nothing(folder: Path, why: str, recording: Recording | None = None) -> Diagnosis:
    script = recording.script if recording else ""
    gaps = recording.gaps if recording else {}
    unseen = {"setup": why, **gaps}
    return Diagnosis(
        script,
        "unknown",
        f"Unknown: {why}.",
        None,
        None,
        (),
        {},
        tuple(NotRun("quantity", name, because) for name, because in unseen.items()),
        None,
        (),
        {},
        str(folder),
    )


def _judged(recording: Recording, options: Options) -> tuple[list[Finding], list[NotRun]]:
    """Ask every selected rule; drop findings that a comment in the source ignores."""
    findings: list[Finding] = []
    not_run: list[NotRun] = []
    for rule in rules():
        if not _selected(rule, options):
            continue
        if rule.name in recording.gaps:  # it asks about something that was not there to be seen
            not_run.append(NotRun("rule", rule.name, recording.gaps[rule.name]))
            continue
        try:
            answer = rule.judge(recording)
        except Exception as error:
            if trouble.raising():
                raise
            answer = NotRun("rule", rule.name, f"the rule failed: {type(error).__name__}: {error}")
        if isinstance(answer, NotRun):
            not_run.append(answer)
        else:
            findings += answer
    return unignored(in_its_words(findings, recording)), not_run


def _selected(rule: Rule, options: Options) -> bool:
    keys = {rule.code, rule.name}
    if options.select and not keys & set(options.select):
        return False
    return not keys & set(options.ignore)


def _loss(recording: Recording) -> LossSummary:
    table = recording.tables["loss"]
    column = table.column("loss")
    curve = tuple(zip(table.steps, (float(v) for v in column), strict=True))
    thinned = curve[:: max(1, len(curve) // 200)]
    steps = recording.setup.made if recording.setup else table.steps[-1] + 1
    return LossSummary(
        _loss_name(recording),
        float(column[0]),
        float(column[-1]),
        steps,
        thinned,
        not judged_otherwise(recording),
    )


def _loss_name(recording: Recording) -> str:
    if recording.setup is None:
        return "loss"
    program = recording.setup.program
    named = [
        name
        for name in sorted(compared_by(program))
        if name.endswith(("_loss", "_entropy", "_logits", "_div"))
    ]
    return named[0] if named else "loss"


def _ladder(recording: Recording, why: str) -> Ladder | None:
    table = recording.tables.get("ladder")
    if table is None:
        return None
    values = {site: table.at(site) for site in table.sites}
    known = {name: v if math.isfinite(v) else None for name, v in values.items()}
    end = values.get("end", math.nan)
    return Ladder({rung: known.get(rung) for rung in RUNGS}, end, known.get("goal"), why)


def _proved(
    diagnosis: Diagnosis, recording: Recording, options: Options, progress: Progress
) -> Diagnosis:
    """Search for a prescription in memory, and write its patch."""
    because = _why_no_trials(diagnosis, recording, options)
    if because is not None:
        return _and_not_run(diagnosis, NotRun("trial", "ensemble", because))
    from unstuck.core.transform import as_ended
    from unstuck.trial.laboratory import judged
    from unstuck.trial.reproduce import apart, begun_apart, differs, late_losses
    from unstuck.trial.search import search

    assert recording.setup is not None and diagnosis.ladder and diagnosis.ladder.goal is not None
    with _timed(diagnosis.took, "trials"):
        different = differs(recording)
        if different is not None:
            return _and_not_run(diagnosis, NotRun("trial", "ensemble", different))
        remedies, setup = _remedies(diagnosis.findings), as_ended(recording.setup)
        goal, behind = diagnosis.ladder.goal, _Behind(diagnosis, recording, options, progress)
        try:
            found = search(setup, remedies, goal, options, progress, _descent(diagnosis), behind)
        except RuntimeError as error:  # torch.func lacks a rule for the odd operation
            if trouble.raising():
                raise
            because = f"torch cannot train it in ensembles: {str(error).partition(chr(10))[0]}"
            return _and_not_run(diagnosis, NotRun("trial", "ensemble", because))
        meant = judged(setup, remedies) or setup
        late = late_losses(recording) if meant is setup else []
        begun = found.compared
        if begun is None or not found.cut:
            strange = apart(meant, begun, goal, late)
        else:
            curve = recording.tables["loss"]
            strange = begun_apart(setup, begun, goal, curve) if meant is setup else None
        if strange is not None:
            found = found.disbelieved(strange)
    diagnosis = dataclasses.replace(
        diagnosis,
        findings=(*diagnosis.findings, *behind.findings),
        trials=found.trials,
        tried=found.attempts,
        prescription=found.prescription,
        not_run=(*diagnosis.not_run, *found.not_run),
    )
    if _goes_on(diagnosis) and diagnosis.verdict == "stuck":  # the trial saw it arrive
        sentence = diagnosis.sentence.replace("Stuck: ", "Slow: ", 1)
        diagnosis = dataclasses.replace(diagnosis, verdict="slow", sentence=sentence)
    if found.prescription is not None:
        with _timed(diagnosis.took, "patch"):
            diagnosis = _patched(diagnosis, found.prescription, found.changes)
    return diagnosis


class _Behind:
    """What a network without its known bugs gives rise to suppose: told only if a trial bears it out."""

    def __init__(
        self, diagnosis: Diagnosis, recording: Recording, options: Options, progress: Progress
    ) -> None:
        self.known = {finding.name for finding in diagnosis.findings}
        self.recording, self.options, self.progress = recording, options, progress
        self.findings: tuple[Finding, ...] = ()

    def __call__(self, setup: Setup, mended: tuple[Change, ...]) -> dict[str, tuple[Change, ...]]:
        """Train a network with these changes, measure and judge it; return the remedies of what is new."""
        from unstuck.probe.probe import tables
        from unstuck.trial.masked import unmasked

        named = " and ".join(change.name for change in mended)
        self.progress(f"measuring what hides behind {named}", None)
        limit = self.options.seconds / 4
        seen = unmasked(self.recording, setup, mended, limit) if mended else None
        if seen is None:
            return {}
        with threadpool_limits(1):
            found, _ = _judged(tables(seen), self.options)
        told = f"shows once {named} {'are' if len(mended) > 1 else 'is'} mended: "
        self.findings = tuple(
            dataclasses.replace(one, hypothesis=True, message=told + one.message)
            for one in found
            if one.name not in self.known
            and one.remedies
            and not any(c.meant for c in one.remedies)
        )
        return _remedies(self.findings)


def _descent(diagnosis: Diagnosis) -> Descent | None:
    """Return where the run came to, None where the ladder does not tell.

    It has begun to learn when it says what no straight line does, or is halfway from a constant to the goal.
    """
    from unstuck.trial.quicker import Descent

    ladder = diagnosis.ladder
    constant = ladder.rungs.get("constant") if ladder else None
    if ladder is None or ladder.goal is None or constant is None:
        return None
    line = ladder.rungs.get("linear") or 0.0
    return Descent(ladder.end, max((constant + ladder.goal) / 2, min(line, constant)))


def _remedies(findings: tuple[Finding, ...]) -> dict[str, tuple[Change, ...]]:
    """Return fault -> alternative changes; mechanisms of other findings are not tried themselves."""
    present = {finding.name for finding in findings}
    return {
        finding.name: finding.remedies
        for finding in findings
        if finding.remedies and finding.explained_by not in present
    }


def _why_no_trials(diagnosis: Diagnosis, recording: Recording, options: Options) -> str | None:
    if not options.prove:
        return "proofs were not asked for (--no-prove)"
    if recording.setup is None:
        return recording.gaps.get("setup", "the training procedure could not be followed")
    if diagnosis.ladder is None or diagnosis.ladder.goal is None:
        return "there is no goal to train towards"
    if "static" in recording.gaps:
        return recording.gaps["static"]
    if not recording.setup.data.rows:
        return "the rows were not stored (--no-data)"
    if not any(finding.remedies for finding in diagnosis.findings):
        return "no finding offers a change that could be tried"
    return None


def _and_not_run(diagnosis: Diagnosis, *more: NotRun) -> Diagnosis:
    return dataclasses.replace(diagnosis, not_run=(*diagnosis.not_run, *more))


def _patched(
    diagnosis: Diagnosis, prescription: Prescription, changes: tuple[Change, ...]
) -> Diagnosis:
    """Write the prescription as source, where its changes say how."""
    unwritten = [change.name for change in changes if not change.edits]
    try:
        if unwritten:
            raise Unpatchable(f"no edit of the source is known for {', '.join(unwritten)}")
        patch = write([edit for change in changes for edit in change.edits])
    except Unpatchable as reason:
        diagnosis = dataclasses.replace(diagnosis, prescription=prescription)
        return _and_not_run(diagnosis, NotRun("patch", " + ".join(prescription.names), str(reason)))
    proof = dataclasses.replace(prescription, patch=patch, proof="parses")
    return dataclasses.replace(diagnosis, prescription=proof)


def with_roles(diagnosis: Diagnosis) -> Diagnosis:
    """Give every finding its role, and order them by what their trials measured."""
    prescribed = diagnosis.prescription.names if diagnosis.prescription else ()
    helping = {
        name: trial
        for name, trial in diagnosis.trials.items()
        if trial.verdict == "helps" and name in prescribed
    }
    alone = len(prescribed) == 1
    causes = {name for name, trial in helping.items() if alone or not trial.surer}
    shown = [f for f in diagnosis.findings if f.name in helping or not f.hypothesis]
    diagnosis = dataclasses.replace(diagnosis, findings=tuple(shown))
    findings = [_role(finding, diagnosis, causes) for finding in shown]
    rank = {"cause": 0, "suspect": 1, "note": 2}

    def place(finding: Finding) -> tuple[int, float, str]:
        trial = diagnosis.trials.get(finding.name)
        return rank[finding.role], -(trial.effect if trial else 0.0), finding.code

    return dataclasses.replace(diagnosis, findings=tuple(sorted(findings, key=place)))


def _role(finding: Finding, diagnosis: Diagnosis, causes: set[str]) -> Finding:
    trial = diagnosis.trials.get(finding.name)
    present = {other.name for other in diagnosis.findings}
    explained = finding.explained_by if finding.explained_by in present else None
    finding = dataclasses.replace(finding, explained_by=explained)
    if finding.name in causes and trial is not None:
        return dataclasses.replace(
            finding, role="cause", because=_shown(trial), severity="high", confidence=_sure(trial)
        )
    if finding.answer:
        return dataclasses.replace(
            finding, role="note", because=finding.because or "it is shown by its evidence"
        )
    if diagnosis.verdict == "unknown":
        return dataclasses.replace(finding, because=f"not proved: {_why_unproved(diagnosis)}")
    if diagnosis.verdict not in SICK:
        return dataclasses.replace(finding, role="note", because="harmless here: the run is fine")
    if explained in causes:
        return dataclasses.replace(finding, role="note", because=f"a mechanism of {explained}")
    if trial is not None and trial.verdict == "inconclusive":
        return dataclasses.replace(finding, because=f"not proved: {trial.because}")
    if trial is not None:
        part = "part of the cure, which it makes surer" if trial.surer else "harmless here"
        return dataclasses.replace(finding, role="note", because=f"{part}: {_shown(trial)}")
    goes_on = _goes_on(diagnosis)
    if goes_on is not None:
        return dataclasses.replace(finding, role="note", because=f"harmless here: {goes_on}")
    if diagnosis.prescription is not None and diagnosis.prescription.aim is None:
        because = "the network learns without this being changed"
        return dataclasses.replace(finding, role="note", because=because)
    return dataclasses.replace(finding, because=f"not proved: {_why_unproved(diagnosis)}")


def _goes_on(diagnosis: Diagnosis) -> str | None:
    """Return how the network learns by itself in less than twice the steps, if a trial showed it."""
    found = (n.because for n in diagnosis.not_run if (n.kind, n.name) == ("trial", GOES_ON))
    return next(found, None)


def _why_unproved(diagnosis: Diagnosis) -> str:
    unseen = [n.because for n in diagnosis.not_run if n.name == "setup"]
    whole = {"ensemble", "search", "runs of the script"}  # else it is about a single change
    trials = [n for n in diagnosis.not_run if n.kind == "trial"]
    reasons = [n.because for n in trials if n.name in whole] or (
        [] if diagnosis.tried else [n.because for n in trials]
    )
    return next(iter((*reasons, *unseen)), None) or _best(diagnosis)


def _shown(trial: Trial) -> str:
    a, b = trial.without, trial.with_it
    if trial.aim is not None:
        return (
            f"down to {trial.aim:.4g} after {a.median_steps:,.0f} steps without its change,"
            f" {b.median_steps:,.0f} with (medians)"
        )
    shares = f"learned in {a.learned}/{a.members} starts without its change, {b.learned}/{b.members} with"
    if a.median_steps is not None and b.median_steps is not None:
        shares += f" (median {a.median_steps:,.0f} against {b.median_steps:,.0f} steps)"
    return shares


def _sure(trial: Trial) -> float:
    """How sure a cause is: the evidence's weight against chance, from the paired interval."""
    low, high = trial.interval
    width = max(high - low, 1e-9)
    sigmas = max(trial.effect, 0.0) / (width / 3.92)  # a 95 % interval is 3.92 standard errors wide
    return round(min(0.999, max(0.95, math.erf(sigmas / math.sqrt(2.0)))), 3)


def _best(diagnosis: Diagnosis) -> str:
    tried = [attempt for attempt in diagnosis.tried if attempt.names]
    if not tried:
        return "no change could be tried"
    best = max(tried, key=lambda attempt: attempt.arm.share)
    return (
        f"of {len(tried)} sets of changes the best ({best.say}) learned in"
        f" {best.arm.learned}/{best.arm.members} starts"
    )
