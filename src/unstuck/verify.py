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
from collections.abc import Mapping
from pathlib import Path

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import NotRun
from unstuck.core.options import Options, Progress, silent
from unstuck.core.trial import Prescription, Proof
from unstuck.record.folder import Unreadable, load
from unstuck.runner import job as jobs
from unstuck.runner import scratch, supervisor
from unstuck.runner.job import Job

MENDS = 0.9
"""Share of the patched runs that must reach the goal (9 of 10; of five runs: all)."""

OWN_UNIT = frozenset({"targets-unscaled", "targets-heavy-tailed"})
"""Faults whose patch gives the training loss another unit: a patched run has a goal of its own."""

START_UP = 3.0
"""Seconds that starting Python and importing torch takes, where the recorded run does not say."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rerun:
    """How often the script would be started again, and for about how many seconds in all."""

    times: int
    seconds: float


def plan(diagnosis: Diagnosis, folder: Path, options: Options) -> Rerun:
    """Return what `verify` would do; it does nothing itself."""
    chosen = diagnosis.prescription
    if chosen is None or chosen.patch is None:
        return Rerun(0, 0.0)
    times = options.seeds if not _reseeds(chosen) else 1
    training, around = _recorded_seconds(folder)
    longer = max(1.0, chosen.with_it.steps / max(chosen.without.steps, 1))
    both = 2 * around + training * (1.0 + longer)
    return Rerun(2 * times, min(times * both, options.verify_seconds))


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
    """Return the diagnosis with its prescription's proof: how many of the runs reached the goal."""
    chosen, goal = diagnosis.prescription, diagnosis.ladder.goal if diagnosis.ladder else None
    if chosen is None or chosen.patch is None or goal is None:
        return diagnosis
    job, _ = jobs.read(folder)
    if job.kind == "code" and "<string>" in "".join(chosen.patch.files):
        return _and_not_run(diagnosis, "code given with -c has no file that could be patched")
    deadline = time.monotonic() + options.verify_seconds
    before: list[float] = []
    after: list[float] = []
    times = 1 if _reseeds(chosen) else options.seeds
    patched = {Path(name): text for name, text in chosen.patch.files.items()}
    try:
        with tempfile.TemporaryDirectory(prefix="unstuck-") as place:
            for run in range(1, times + 1):
                for losses, files in ((after, patched), (before, {})):
                    if time.monotonic() > deadline:
                        break
                    what = "with" if files else "without"
                    progress(f"running the script {what} the patch", (run - 0.5) / times)
                    where = Path(place) / f"{what}-{run}"
                    seed = 0 if _reseeds(chosen) else run
                    aim = None if files and OWN_UNIT & set(chosen.names) else goal
                    losses.append(_beyond(job, where, files, seed, deadline, aim))
    except scratch.ScratchError as reason:
        return _and_not_run(diagnosis, str(reason))
    return _judged(diagnosis, chosen, before, after, times)


def _and_not_run(diagnosis: Diagnosis, because: str) -> Diagnosis:
    gap = NotRun("patch", "verification", because)
    return dataclasses.replace(diagnosis, not_run=(*diagnosis.not_run, gap))


def _judged(
    diagnosis: Diagnosis,
    chosen: Prescription,
    before: list[float],
    after: list[float],
    times: int,
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
    if len(after) < times:
        return _and_not_run(
            diagnosis,
            f"the time for verifying runs was over after {len(after)} of {times}",
        )
    if not ran:
        return _and_not_run(diagnosis, "the patched script did not run to its end")
    return diagnosis


def _beyond(
    job: Job,
    place: Path,
    files: Mapping[Path, str],
    seed: int,
    deadline: float,
    goal: float | None,
) -> float:
    """Run the script in a copy; return by how much its trained network's loss exceeds the goal.

    NaN where there is no loss; goal: None for the one that the run's own rows and loss give.
    """
    target = Path(job.target) if job.kind == "script" else None
    copy = scratch.make(place / "copy", cwd=Path.cwd(), script=target, patched=files)
    quiet = dataclasses.replace(
        job, seed_offset=seed, stdout="captured", stderr="captured", stdin="empty"
    )
    folder = place / "run"
    folder.mkdir(parents=True)
    left = max(deadline - time.monotonic(), 1.0)
    supervisor.run(scratch.inside(quiet, copy), folder, stop_after=left)
    aim = own_goal(folder) if goal is None else goal
    return end_loss(folder) - aim


def own_goal(folder: Path) -> float:
    """Return the goal of a recorded run in the unit of its own loss, NaN where there is none."""
    from unstuck.probe.problem import problem
    from unstuck.probe.subject import Unmeasurable, subject
    from unstuck.replay import Unreplayable
    from unstuck.theory import goal, ladder

    try:
        setup = load(folder).setup
        aim = goal(ladder(problem(subject(setup)))).loss if setup is not None else None
    except (Unreadable, Unmeasurable, Unreplayable, RuntimeError):
        return math.nan
    return math.nan if aim is None else aim


def end_loss(folder: Path) -> float:
    """Return the loss of the recorded run's last weights over all its rows, NaN where unknown."""
    from unstuck.replay import Unreplayable, interpret, tensors

    try:
        recording = load(folder)
    except Unreadable:
        return math.nan
    setup = recording.setup
    if setup is None or any(parameter.end is None for parameter in setup.parameters):
        return math.nan
    try:
        run = interpret(setup.program)
        values = run(tensors.weights(setup, "end"), tensors.rows(setup), want=(setup.program.loss,))
    except (Unreplayable, RuntimeError):
        return math.nan
    loss = float(values[setup.program.loss])
    return loss if math.isfinite(loss) else math.inf
