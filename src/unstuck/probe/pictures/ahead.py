"""What is foreseen of the run: by its tangent kernel where that knows it, else by continuing its curve."""

from __future__ import annotations

import math

import numpy as np

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.pictures import Ahead
from unstuck.core.recording import Recording
from unstuck.probe.subject import Subject
from unstuck.probe.tangent import Unforeseen
from unstuck.probe.tangent import ahead as by_kernel
from unstuck.theory.forecast import forecast
from unstuck.theory.foreseen import Foreseen

POINTS = 60  # of a foreseen curve


def ahead(recording: Recording, diagnosis: Diagnosis, subject: Subject | None) -> Ahead | None:
    """Return the forecast of a run that has not met its goal; None where there is none to make."""
    ladder, loss = diagnosis.ladder, diagnosis.loss
    if ladder is None or ladder.goal is None or loss is None or not loss.comparable:
        return None
    if diagnosis.verdict not in {"slow", "stuck"} or not ladder.end > ladder.goal:
        return None
    kernel = None if subject is None else _by_kernel(subject, ladder.goal)
    if kernel is not None or diagnosis.verdict == "stuck":  # such a curve is not worth continuing
        return kernel
    return _by_curve(recording, ladder.goal, ladder.rungs.get("floor"))


def _by_kernel(subject: Subject, goal: float) -> Ahead | None:
    try:
        still, moving = by_kernel(subject, goal)
    except Unforeseen:
        return None
    for found, how in ((still, "by its tangent kernel"), (moving, "by renewed tangent kernels")):
        if math.isfinite(found.median):
            return Ahead(found.low, found.median, found.high, how, None, _curve(found))
    if moving.plateau is not None:
        how = "by renewed tangent kernels"
        return Ahead(math.inf, math.inf, math.inf, how, moving.plateau, _curve(moving))
    return None


def _curve(found: Foreseen) -> tuple[tuple[float, float], ...]:
    few = np.unique(np.linspace(0, len(found.steps) - 1, POINTS).round().astype(int))
    return tuple((float(found.steps[i]), float(f"{found.losses[i]:.5g}")) for i in few)


def _by_curve(recording: Recording, goal: float, floor: float | None) -> Ahead | None:
    table = recording.tables.get("loss")
    if table is None:
        return None
    lowest = min(floor or 0.0, goal)
    found = forecast(np.array(table.steps, float), table.values[:, 0], goal, lowest=lowest)
    if not math.isfinite(found.median):
        return None
    return Ahead(found.low, found.median, found.high, "by continuing its curve")
