"""Plane waves in the targets over a few real-valued inputs."""

from __future__ import annotations

import math

import numpy as np

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Recording
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject, array
from unstuck.theory.waves import FEWEST_ROWS, MOST_INPUTS, waves

MOST_TARGETS = 16  # numbers a row: colours, channels; more are images or sequences


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``waves``: one row a wave, the strongest first; where there is none, one of no cycles."""
    why = _other(subject)
    if why:
        return {"waves": INAPPLICABLE + why}
    assert subject.target is not None
    targets = array(subject.target).reshape(subject.count, -1)
    if not (np.isfinite(subject.inputs).all() and np.isfinite(targets).all()):
        return {"waves": INAPPLICABLE + "inputs or targets are no numbers"}
    found = waves(subject.inputs, targets)
    width = subject.inputs.shape[1]
    reach = np.ptp(subject.inputs, axis=0)
    rows = [
        {
            "explained": share,
            "smooth": found.smooth,
            "cycles": float(np.linalg.norm(cycles)),
            **{f"input {i}": 2 * math.pi * cycles[i] / (reach[i] or 1.0) for i in range(width)},
        }
        for cycles, share in zip(found.cycles, found.explained.tolist(), strict=True)
    ]
    still = {"explained": found.line, "smooth": found.smooth, "cycles": 0.0}
    rows = rows or [still | {f"input {i}": 0.0 for i in range(width)}]
    return {"waves": table("waves", range(len(rows)), rows)}


def _other(subject: Subject) -> str:
    """Return why no waves are looked for, "" where they are."""
    program, target = subject.setup.program, subject.target
    if len(program.inputs) != 1:
        return "the network has several inputs"
    rows = subject.rows[program.inputs[0]]
    if rows.ndim != 2 or not rows.is_floating_point() or rows.shape[1] > MOST_INPUTS:
        return f"the inputs are not up to {MOST_INPUTS} real numbers a row"
    if target is None or not target.is_floating_point() or len(target) != subject.count:
        return "the targets are not numbers to be predicted"
    if target.numel() > MOST_TARGETS * subject.count:
        return f"the targets are more than {MOST_TARGETS} numbers a row"
    if subject.count < FEWEST_ROWS:
        return f"there are fewer than {FEWEST_ROWS} rows"
    return ""
