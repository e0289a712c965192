"""Size, centre and spread of the training data."""

from __future__ import annotations

import math

import numpy as np

from unstuck.core.recording import Recording
from unstuck.core.transform import moments
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject, array


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return the tables ``rows``, ``input_mean``, ``input_spread`` and ``input_offset``.

    A feature is a place along the last axis, as `core.transform.standardised_inputs` takes it. One
    that never varies has spread 0 and no offset.
    """
    found: Measured = {"rows": table("rows", (0,), [_size(subject)])}
    mean, spread = _moments(subject)
    if not mean:
        why = "the inputs are whole numbers that the network looks up"
        return found | dict.fromkeys(("input_mean", "input_spread", "input_offset"), why)
    offset = {s: abs(mean[s]) / spread[s] if spread[s] > 0 else math.nan for s in mean}
    found["input_mean"] = table("input_mean", (0,), [mean])
    found["input_spread"] = table("input_spread", (0,), [spread])
    found["input_offset"] = table("input_offset", (0,), [offset])
    return found


def _size(subject: Subject) -> dict[str, float]:
    rows = subject.setup.data.rows
    targets = [rows[slot] for slot in subject.setup.program.targets]
    return {
        "rows": float(subject.setup.data.count),
        "features": float(subject.inputs.shape[1]),
        "targets": float(sum(math.prod(target.shape[1:]) for target in targets)),
    }


def _moments(subject: Subject) -> tuple[dict[str, float], dict[str, float]]:
    """Return mean and spread by feature, numbered through all floating inputs."""
    means: list[float] = []
    spreads: list[float] = []
    for slot in subject.setup.program.inputs:
        if not subject.rows[slot].is_floating_point():
            continue
        values = array(subject.rows[slot])
        mean, _ = moments(values)
        flat = values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values[:, None]
        spread = np.where(np.ptp(flat, axis=0) > 0, flat.std(0), 0.0)
        means += np.atleast_1d(mean).tolist()
        spreads += spread.tolist()
    names = [f"feature {number}" for number in range(len(means))]
    return dict(zip(names, means, strict=True)), dict(zip(names, spreads, strict=True))
