"""What the hidden units do over the data: off, saturated, or bending inside it."""

from __future__ import annotations

import math

import numpy as np

from unstuck.core.layers import RECTIFIERS, Layer
from unstuck.core.recording import Array, Recording
from unstuck.probe.measured import Measured, table
from unstuck.probe.subject import Subject

RANGES = {"sigmoid": 1.0, "tanh": 2.0}  # of the output; the slope's maximum is a quarter, one
FLAT = 0.01  # of the largest slope: on every row, the unit is saturated
NARROW = 0.05  # of the activation's range, with
SLIGHT = 0.1  # of the largest slope in the median: saturated too


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return ``units_off``, ``units_saturated`` and ``units_bending``: shares by hidden layer."""
    hidden = subject.hidden
    names = ("units_off", "units_saturated", "units_bending")
    if not hidden:
        return dict.fromkeys(names, "the network has no hidden layer that could be followed")
    found: Measured = {}
    for name, share in zip(names, (_off, _saturated, _bending), strict=True):
        rows = [
            {path: share(layer, subject, index) for path, layer in hidden.items()}
            for index in range(len(subject.steps))
        ]
        measured = any(math.isfinite(value) for row in rows for value in row.values())
        found[name] = table(name, subject.steps, rows) if measured else NONE[name]
    return found


NONE = {
    "units_off": "does not apply: no hidden layer has an activation that can be off",
    "units_saturated": "does not apply: no hidden layer has a sigmoid or tanh",
    "units_bending": "does not apply: no hidden layer has an activation whose bend could be placed",
}


def _units(values: Array) -> Array:
    """Return values (n, …, u) as (rows, u)."""
    return values.reshape(-1, values.shape[-1])


def _off(layer: Layer, subject: Subject, index: int) -> float:
    if layer.activation_name not in RECTIFIERS:
        return math.nan
    pre, post = (_units(subject.state(slot, index)) for slot in (layer.pre, layer.post))
    return float((np.abs(post) <= 1e-7 * np.abs(pre)).all(0).mean())


def _saturated(layer: Layer, subject: Subject, index: int) -> float:
    name = layer.activation_name.rstrip("_")
    if name not in RANGES:
        return math.nan
    return float(saturated(_units(subject.state(layer.post, index)), name).mean())


def saturated(post: Array, activation: str) -> Array:
    """Return which units (u,) are flat over all rows, from the outputs (n, u) of sigmoid or tanh."""
    slope = 4 * post * (1 - post) if activation == "sigmoid" else 1 - post**2
    narrow = np.ptp(post, axis=0) < NARROW * RANGES[activation]
    return np.asarray((slope < FLAT).all(0) | (narrow & (np.median(slope, axis=0) < SLIGHT)))


def _bending(layer: Layer, subject: Subject, index: int) -> float:
    name = layer.activation_name.rstrip("_")
    if name not in RANGES and name not in RECTIFIERS:
        return math.nan
    pre = _units(subject.state(layer.pre, index))
    return float(((pre.min(0) < 0) & (pre.max(0) > 0)).mean())
