"""How much of the rows was lost when they became whole numbers."""

from __future__ import annotations

import math

from unstuck.core.recording import Recording
from unstuck.core.transform import fractions_lost
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject, array


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``fractions_lost``: the largest share among the inputs, and among the targets."""
    program = subject.setup.program
    row = {
        "inputs": _largest(subject, program.inputs),
        "targets": _largest(subject, program.targets),
    }
    return {"fractions_lost": table("fractions_lost", (0,), [row])}


def _largest(subject: Subject, slots: tuple[int, ...]) -> float:
    known = [slot for slot in slots if slot in subject.originals]
    shares = [
        fractions_lost(array(subject.originals[slot]), array(subject.rows[slot])) for slot in known
    ]
    return max(shares, default=math.nan)
