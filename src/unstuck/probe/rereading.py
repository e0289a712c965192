"""Where no learner finds a signal in the rows: whether one is there if they are read along another axis."""

from __future__ import annotations

import dataclasses
import functools
import math

from unstuck.core.recording import Recording
from unstuck.core.transform import READ, readings, reread
from unstuck.probe.measured import Measured, table
from unstuck.probe.problem import problem
from unstuck.probe.subject import Subject, sample
from unstuck.theory import goal, ladder
from unstuck.theory.ladder import Ladder

FEWEST = 100  # rows below which the best of some readings may explain a part of noise


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """The axis along which the rows had lain, and the ladder of the rows so read."""

    place: int
    rungs: Ladder


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``reread_r2``: NaN where the rows have a signal as they stand, or have none either way."""
    row = {"learner": math.nan, "now": math.nan, "axis": math.nan}
    found = better(subject)
    if found is not None:
        now = _explained(as_they_stand(subject))
        row = {"learner": _explained(found.rungs), "now": now, "axis": found.place}
    return {"reread_r2": table("reread_r2", (0,), [row])}


def rungs_of(subject: Subject) -> Ladder:
    """Return the ladder of the rows that were meant."""
    found = better(subject)
    return as_they_stand(subject) if found is None else found.rungs


@functools.lru_cache(maxsize=1)
def as_they_stand(subject: Subject) -> Ladder:
    """Return the ladder of the rows as the network was given them."""
    return ladder(problem(subject))


@functools.lru_cache(maxsize=1)
def better(subject: Subject) -> Reading | None:
    """Return the reading of the input's rows that has a signal, where they have none as they stand."""
    made, setup = problem(subject), subject.setup
    if len(setup.program.inputs) != 1 or not setup.data.complete or subject.originals:
        return None
    if (
        made.rows != subject.count
        or made.rows < FEWEST
        or goal(as_they_stand(subject)).loss is not None
    ):
        return None
    rows = setup.data.rows[setup.program.inputs[0]]
    if rows.dtype.kind != "f":
        return None
    for place in readings(rows):
        other = reread(rows, place)[sample(len(rows))]
        rungs = ladder(dataclasses.replace(made, inputs=other.reshape(len(other), -1)))
        if _explained(rungs) > READ and goal(rungs).loss is not None:
            return Reading(place, rungs)
    return None


def _explained(rungs: Ladder) -> float:
    if rungs.learner is None or not rungs.constant > 0:
        return math.nan
    return 1 - rungs.learner.loss / rungs.constant
