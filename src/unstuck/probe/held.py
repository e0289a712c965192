"""Whether every step saw the same batch of a loader that holds more; such a run is measured on all rows."""

from __future__ import annotations

import math

from unstuck.core.recording import Recording
from unstuck.core.setup import Setup
from unstuck.core.transform import with_all_rows
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``same_batch``, of the rows as they were recorded."""
    setup = recording.setup
    assert setup is not None
    held = [float(len(rows)) for rows in setup.data.unseen.values()]
    row = {
        "trained": float(setup.data.count) if held else math.nan,
        "held": min(held, default=math.nan),
    }
    return {"same_batch": table("same_batch", (0,), [row])}


def whole(setup: Setup) -> Setup:
    """Return the setup with all rows that its loader holds; the setup itself where it saw them."""
    return with_all_rows(setup) if setup.data.unseen else setup
