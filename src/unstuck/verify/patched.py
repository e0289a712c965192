"""Run the patched script itself again: a patch is called verified only when that was seen to mend.

The originals are copied to a scratch folder and protected there. Runs with and without the patch
take turns, each from seeds of its own (a seed that the script sets is shifted), and each run's trained
network is judged by its own loss over its own rows, against the goal of the diagnosis.
"""

from __future__ import annotations

import dataclasses
import json
import math
import tempfile
import time
from pathlib import Path

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import NotRun
from unstuck.core.options import Options, Progress, silent
from unstuck.core.trial import MENDS, Prescription, Proof
from unstuck.record.folder import load
from unstuck.runner import job as jobs
from unstuck.runner import scratch
from unstuck.verify.script import WEIGHED, Script

OWN_UNIT = frozenset({"targets-unscaled", "targets-heavy-tailed"})
"""Faults whose patch gives the training loss another unit: a patched run has a goal of its own."""

START_UP = 3.0
"""Seconds that starting Python and importing torch takes, where the recorded run does not say."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rerun:
    """How often the script would be started again, and for about how many seconds in all.

    steps: updates after which each run is stopped, where running all to their ends would take longer
    than the time for it; None where they run to their ends.
    """

    times: int
    seconds: float
    steps: int | None = None


def plan(diagnosis: Diagnosis, folder: Path, options: Options) -> Rerun:
    """Return what `verify` would do; it does nothing itself."""
    chosen = diagnosis.prescription
    if chosen is None or chosen.patch is None:
        return Rerun(0, 0.0)
    times = options.seeds if not _reseeds(chosen) else 1
    training, around = _recorded_seconds(folder)
    before, after = max(chosen.without.steps, 1), max(chosen.with_it.steps, 1)
    all_of_it = times * (2 * around + training * (1.0 + max(after / before, 1.0)))
    if all_of_it <= options.verify_seconds:
        return Rerun(2 * times, all_of_it)
    a_step = training / before
    left = max(options.verify_seconds - 2 * times * around, options.verify_seconds / 10)
    return Rerun(2 * times, options.verify_seconds, max(1, int(left / (2 * times * a_step))))


def _recorded_seconds(folder: Path) -> tuple[float, float]:
    """Return how long the recorded run trained, and how long it took apart from that."""
    try:
        training = load(folder).cost.get("training_seconds", 0.0)
        wall = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))["wall"]
    except (OSError, ValueError, KeyError):
        return 0.0, START_UP
    return training, max(float(wall) - training, START_UP)


def _reseeds(chosen: Prescription) -> bool:
    """Whether the patch consists of another seed, which must then not be shifted."""
    return set(chosen.names) == {"unlucky-init"}


def verify(
    diagnosis: Diagnosis, folder: Path, options: Options, progress: Progress = silent
) -> Diagnosis:
    """Return the diagnosis with its prescription's proof: how many of the runs reached the goal.

    Runs with and without the patch take turns, at equal steps where they cannot all be run to their
    ends; as soon as too many patched runs have failed, the rest are not made.
    """
    chosen, goal = diagnosis.prescription, diagnosis.ladder.goal if diagnosis.ladder else None
    if chosen is None or chosen.patch is None or goal is None:
        return diagnosis
    job, _ = jobs.read(folder)
    if job.kind == "code" and "<string>" in "".join(chosen.patch.files):
        return _and_not_run(diagnosis, "code given with -c has no file that could be patched")
    rerun = plan(diagnosis, folder, options)
    deadline = time.monotonic() + options.verify_seconds
    try:
        with tempfile.TemporaryDirectory(prefix="unstuck-") as place:
            plain = WEIGHED in chosen.names
            script = Script(job, Path(place), deadline, rerun.steps, plain)
            before, after = _ends(script, chosen, goal, rerun.times // 2, progress)
    except scratch.ScratchError as reason:
        return _and_not_run(diagnosis, str(reason))
    return _judged(diagnosis, chosen, before, after, rerun)


def _ends(
    script: Script, chosen: Prescription, goal: float, times: int, progress: Progress
) -> tuple[list[float], list[float]]:
    """Return by how much the losses of runs without and with the patch exceeded their goals."""
    assert chosen.patch is not None
    patched = {Path(name): text for name, text in chosen.patch.files.items()}
    own_unit = bool(OWN_UNIT & set(chosen.names))
    before: list[float] = []
    after: list[float] = []
    for run in range(1, times + 1):
        for losses, files in ((after, patched), (before, {})):
            if time.monotonic() > script.deadline or _hopeless(after, times):
                break
            progress(
                f"running the script {'with' if files else 'without'} the patch",
                (run - 0.5) / times,
            )
            aim = None if files and own_unit else goal
            seed = 0 if _reseeds(chosen) else run
            losses.append(script.beyond(files, seed=seed, goal=aim))
    return before, after


def _hopeless(after: list[float], times: int) -> bool:
    """Whether so many patched runs have failed that the others cannot make up for it."""
    failed = sum(not beyond <= 0 for beyond in after)
    return times - failed < MENDS * times


def _and_not_run(diagnosis: Diagnosis, because: str) -> Diagnosis:
    gap = NotRun("patch", "verification", because)
    return dataclasses.replace(diagnosis, not_run=(*diagnosis.not_run, gap))


def _judged(
    diagnosis: Diagnosis,
    chosen: Prescription,
    before: list[float],
    after: list[float],
    rerun: Rerun,
) -> Diagnosis:
    """Count the runs that ended at or below their goals; losses are distances from these."""
    ran = [loss for loss in after if not math.isnan(loss)]
    reached = sum(loss <= 0 for loss in after)
    mended = bool(after) and reached >= MENDS * len(after)
    proof: Proof = "mends" if mended else "runs" if ran else "parses"
    prescription = dataclasses.replace(
        chosen,
        proof=proof,
        seeds=len(after),
        before=sum(loss <= 0 for loss in before),
        after=reached,
    )
    diagnosis = dataclasses.replace(diagnosis, prescription=prescription)
    if not ran:
        return _and_not_run(diagnosis, "the patched script did not run to its end")
    why = _cut_short(len(after), mended, rerun)
    return _and_not_run(diagnosis, why) if why else diagnosis


def _cut_short(runs: int, mended: bool, rerun: Rerun) -> str:
    """Say in what the verification was less than every run to its end, "" where in nothing."""
    times = rerun.times // 2
    said = []
    if rerun.steps is not None:
        said.append(f"each run was stopped after {rerun.steps:,} steps, with and without the patch")
    if runs < times and mended:
        said.append(f"the time for verifying runs was over after {runs} of {times}")
    elif runs < times:
        said.append(f"it ended after {runs} of {times} runs, too many of which had not learned")
    return "; ".join(said)
