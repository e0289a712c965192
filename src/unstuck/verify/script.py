"""The user's script started again in a scratch copy, and the loss at which its network ends."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Mapping
from pathlib import Path

from unstuck.core.setup import Setup
from unstuck.core.transform import unweighed
from unstuck.record.folder import Unreadable, load
from unstuck.runner import scratch, supervisor
from unstuck.runner.job import Job

WEIGHED = "class-imbalance"
"""The fault whose patch weighs classes in the loss: its goal is one of the loss without weights."""


@dataclasses.dataclass(slots=True)
class Script:
    """A script that can be run again and again: each time in a fresh copy under `place`.

    deadline: when a run is ended at the latest (`time.monotonic`); steps: after how many updates. plain:
    whether networks that are trained by a loss with weights of classes are judged by the one without.
    """

    job: Job
    place: Path
    deadline: float
    steps: int | None = None
    plain: bool = False
    runs: int = 0

    def end(self, files: Mapping[Path, str], *, seed: int) -> float:
        """Run it with these texts instead of its own; return its trained network's loss.

        files: path -> text; seed: by how much seeds are shifted. NaN where there is no loss.
        """
        return end_loss(self._run(files, seed), plain=self.plain)

    def beyond(self, files: Mapping[Path, str], *, seed: int, goal: float | None) -> float:
        """Run it likewise; return by how much the loss exceeds the goal, NaN where there is none.

        goal: None for the one that the run's own rows and loss give, where the patch changes their unit.
        """
        folder = self._run(files, seed)
        return end_loss(folder, plain=self.plain) - (own_goal(folder) if goal is None else goal)

    def _run(self, files: Mapping[Path, str], seed: int) -> Path:
        """Run it and return the folder of the recording."""
        self.runs += 1
        place = self.place / str(self.runs)
        target = Path(self.job.target) if self.job.kind == "script" else None
        copy = scratch.make(place / "copy", cwd=Path.cwd(), script=target, patched=files)
        limit = {} if self.steps is None else {"stop_after_steps": self.steps}
        quiet = dataclasses.replace(
            self.job,
            seed_offset=seed,
            stdout="captured",
            stderr="captured",
            stdin="empty",
            options={**self.job.options, **limit},
        )
        folder = place / "run"
        folder.mkdir(parents=True)
        left = max(self.deadline - time.monotonic(), 1.0)
        supervisor.run(scratch.inside(quiet, copy), folder, stop_after=left)
        return folder


def own_goal(folder: Path) -> float:
    """Return the goal of a recorded run in the unit of its own loss, NaN where there is none."""
    from unstuck.probe.problem import problem
    from unstuck.probe.ready import ready
    from unstuck.probe.subject import Unmeasurable
    from unstuck.replay import Unreplayable
    from unstuck.theory import goal, ladder

    try:
        setup = load(folder).setup
        aim = goal(ladder(problem(ready(setup)))).loss if setup is not None else None
    except (Unreadable, Unmeasurable, Unreplayable, RuntimeError):
        return math.nan
    return math.nan if aim is None else aim


def end_loss(folder: Path, *, plain: bool = False) -> float:
    """Return the loss that was meant of the recorded run's last weights, NaN where unknown.

    plain: weights of classes are taken out of the loss, and their effect on the logits is taken back.
    """
    from unstuck.probe.loss import loss_of
    from unstuck.probe.ready import ready
    from unstuck.replay import Unreplayable

    try:
        recording = load(folder)
    except Unreadable:
        return math.nan
    setup = recording.setup
    if setup is None or any(parameter.end is None for parameter in setup.parameters):
        return math.nan
    if plain and (judged := unweighed(setup)) is not setup:
        return _scored(judged)
    try:
        found = ready(setup)
        meant = float(loss_of(found).of_network(found.predictions(-1)))
        return meant if math.isfinite(meant) else math.inf
    except (Unreplayable, RuntimeError, ValueError, LookupError):
        pass  # no loss of predictions alone: the script's own has to do
    return _scored(setup)


def _scored(setup: Setup) -> float:
    """Return what the program itself makes of the last weights over all rows, NaN where it cannot be run."""
    from unstuck.replay import Unreplayable, interpret, tensors

    score = setup.program.score
    try:
        run = interpret(setup.program)
        values = run(tensors.weights(setup, "end"), tensors.rows(setup), want=(score,))
    except (Unreplayable, RuntimeError):
        return math.nan
    loss = float(values[score])
    return loss if math.isfinite(loss) else math.inf
