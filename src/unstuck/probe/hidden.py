"""Where no learner finds a signal: whether one is there all the same."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from unstuck.core.recording import Recording
from unstuck.probe.measured import Measured, table
from unstuck.probe.problem import problem
from unstuck.probe.subject import MOST_ROWS, Subject
from unstuck.theory.hidden import best_shift
from unstuck.theory.learners import scores
from unstuck.theory.parity import best_parity

SEEN = 0.02  # of the targets explained, unseen: learners that find more need no other search
HARDLY = 0.1  # of the targets: a parity that stands out explains five times as much
FEWEST = 100  # rows below which the best of as many shifts explains a good part of noise


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``aligned_r2`` and ``parity_r2``; NaN where a signal is known, or none stands out."""
    shift = {"learner": math.nan, "now": math.nan, "rows": math.nan}
    odd = {"share": math.nan, "inputs": math.nan, "first": math.nan, "chance": math.nan}
    signal = recording.tables.get("signal_r2")
    enough = FEWEST <= subject.setup.data.count <= MOST_ROWS  # a sample of more has no order
    seen = math.inf if signal is None or not enough else signal.at("learner")
    if seen <= SEEN:
        shift |= _shift(subject, recording.tables["ladder"].at("constant"))
        shift["now"] = seen
    if seen <= HARDLY:
        odd |= _parity(subject)
    return {
        "aligned_r2": table("aligned_r2", (0,), [shift]),
        "parity_r2": table("parity_r2", (0,), [odd]),
    }


def _shift(subject: Subject, constant: float) -> dict[str, float]:
    made = problem(subject)
    found = best_shift(made.inputs.reshape(made.rows, -1), made.flat_targets)
    if found is None or not found.clear:
        return {}
    moved = dataclasses.replace(made, inputs=np.roll(made.inputs, found.what, axis=0))
    return {"learner": 1 - scores(moved)[0].loss / constant, "rows": found.what}


def _parity(subject: Subject) -> dict[str, float]:
    made = problem(subject)
    found = best_parity(made.inputs.reshape(made.rows, -1), made.flat_targets)
    if found is None or not found.clear:
        return {}
    first = (found.what & -found.what).bit_length() - 1
    return {
        "share": found.share,
        "inputs": found.what.bit_count(),
        "first": first,
        "chance": found.chance,
    }
