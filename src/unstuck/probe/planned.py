"""How many updates the training loop was to make, where a test in it ended it before that."""

from __future__ import annotations

import math

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Recording
from unstuck.core.setup import Setup
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject
from unstuck.probe.written.numbers import Numbers
from unstuck.probe.written.text import read
from unstuck.probe.written.turns import Turns, turns

BY_ITSELF = frozenset({"finished", "exited"})


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``planned_steps``, unless the recorder was told."""
    if "planned_steps" in recording.tables:
        return {}
    found = planned(subject.setup, recording)
    if isinstance(found, str):
        return {"planned_steps": found}
    ends, steps = found
    return {"planned_steps": table("planned_steps", (0,), [dict.fromkeys(ends, float(steps))])}


def planned(setup: Setup, recording: Recording) -> tuple[tuple[str, ...], int] | str:
    """Return the lines that can have ended the loop and the updates planned, or why there are none."""
    if setup.loop.patience is not None:
        return _patient(setup)
    lines, curve = recording.lines, recording.tables.get("loss")
    step = lines.get("step") or lines.get("backward")
    if step is None:
        return "the line of the update is not known"
    if recording.ended not in BY_ITSELF:
        return f"{INAPPLICABLE}the run did not end by itself"
    files = read([*(where.file for where in lines.values()), recording.script])
    loss = float(curve.values[-1, 0]) if curve is not None and curve.steps else math.nan
    found = turns(Numbers(files, recording.argv), step, lines.get("optimizer"), loss)
    if isinstance(found, str):
        return f"{INAPPLICABLE}{found}"
    if not found.ends:
        return f"{INAPPLICABLE}nothing ends the training loop before its count does"
    steps = _steps(setup, found)
    if isinstance(steps, str):
        return steps
    if steps <= setup.plan.steps:
        return f"{INAPPLICABLE}the training loop ran to its end"
    return tuple(str(where) for where in found.ends), steps


def _patient(setup: Setup) -> tuple[tuple[str, ...], int] | str:
    """Return the updates planned of a training that ended by itself for want of gain; no line ends it."""
    if setup.made >= setup.plan.steps:
        return f"{INAPPLICABLE}the training was ended by its count"
    return ("its patience",), setup.plan.steps


def _steps(setup: Setup, found: Turns) -> int | str:
    """Return the updates of all turns: of one a turn, or of one a batch where a loop goes over these."""
    if setup.loop.backwards != 1:
        return "several backward passes go into an update"
    if not found.passes:
        return found.counted
    plan, data = setup.plan, setup.data
    if plan.order == "full":
        return found.counted
    if plan.order == "fresh" or not data.complete or not data.count:
        return "it is not known how many batches make a pass over the rows"
    return found.counted * math.ceil(data.count / plan.batch)
