"""The ladder of losses of a recorded training, its goal, and how much signal there is."""

from __future__ import annotations

import math

from unstuck.core.recording import Recording
from unstuck.probe.loss import loss_of
from unstuck.probe.measured import Measured, table
from unstuck.probe.rereading import rungs_of
from unstuck.probe.subject import Subject
from unstuck.theory import goal, standing
from unstuck.theory.forecast import smoothed_end

RUNGS = ("start", "constant", "linear", "quadratic", "learner", "floor", "end", "goal", "reference")
BOUNDLESS = 1e6  # times the loss at the start: a loss that goes as far down has no lowest value


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return the tables ``ladder`` and ``signal_r2``, and as reasons why rungs or goal are missing."""
    rungs = rungs_of(subject)
    aim, start, end = goal(rungs), _network(subject, 0), _end(subject, recording)
    if not _has_lowest(rungs.constant, start):
        return _bottomless(subject, start, end)
    if aim.loss is None and end is not None:
        stay = standing(rungs.constant)
        aim = aim if end <= (stay.loss or 0.0) else stay
    losses = {
        "start": start,
        **{name: rungs.losses.get(name) for name in ("constant", "linear", "quadratic")},
        **{name: rungs.losses.get(name) for name in ("learner", "floor")},
        "end": end,
        "goal": aim.loss,
        "reference": None if aim.loss is None else aim.reference,
    }
    row = {name: math.nan if loss is None else loss for name, loss in losses.items()}
    found: Measured = {f"ladder.{name}": why for name, why in rungs.reasons.items()}
    if aim.loss is None:
        found["ladder.goal"] = aim.why
    found["ladder"] = table("ladder", subject.steps[-1:], [row])
    if rungs.learner is None or rungs.linear is None or not rungs.constant > 0:
        found["signal_r2"] = rungs.reasons.get("learner", "a constant prediction has no loss")
    else:
        explained = {
            "linear": 1 - rungs.linear.loss / rungs.constant,
            "learner": 1 - rungs.learner.loss / rungs.constant,
        }
        found["signal_r2"] = table("signal_r2", (0,), [explained])
    return found


def _bottomless(subject: Subject, start: float, end: float | None) -> Measured:
    """Return a ladder without rungs: a loss that constants lower for ever compares with nothing."""
    why = "this loss has no lowest value that could be found"
    known = {"start": start, "end": math.nan if end is None else end}
    return {
        "ladder": table("ladder", subject.steps[-1:], [dict.fromkeys(RUNGS, math.nan) | known]),
        "ladder.goal": why,
        "signal_r2": why,
    }


def _has_lowest(constant: float, start: float) -> bool:
    """Whether the best constant prediction is one, and not merely where the search for it gave up."""
    return abs(constant) < BOUNDLESS * (max(abs(start), 1.0) if math.isfinite(start) else 1.0)


def _network(subject: Subject, index: int) -> float:
    return float(loss_of(subject).of_network(subject.predictions(index)))


def _end(subject: Subject, recording: Recording) -> float | None:
    """Return the trained network's loss over the rows, or where the recorded curve ended."""
    if len(subject.steps) > 1:
        return _network(subject, -1)
    curve = recording.tables.get("loss")
    return None if curve is None else smoothed_end(curve.values[:, 0])
