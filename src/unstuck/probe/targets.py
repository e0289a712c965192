"""Centre and spread of what a regression is trained towards."""

from __future__ import annotations

import math

import numpy as np

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Recording
from unstuck.core.transform import moments
from unstuck.probe.measured import Measured, table
from unstuck.probe.problem import own_problem
from unstuck.probe.subject import Subject, array

NAMES = ("target_mean", "target_spread", "target_offset")

VALUES = {"squares", "absolute", "other"}
"""Kinds of losses whose predictions are in the unit of the targets."""


def measure(subject: Subject, recording: Recording) -> Measured:
    """Return the tables ``target_mean``, ``target_spread`` and ``target_offset``.

    A column is a place along the last axis, as `core.transform.standardised_targets` takes it. One
    that never varies has spread 0 and no offset.
    """
    why = _other_task(subject)
    if why:
        return dict.fromkeys(NAMES, INAPPLICABLE + why)
    assert subject.target is not None
    values = array(subject.target)
    mean = np.atleast_1d(moments(values)[0])
    flat = values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values[:, None]
    spread = np.where(np.ptp(flat, axis=0) > 0, flat.std(0), 0.0)
    sites = [f"target {number}" for number in range(len(mean))]
    offset = [abs(m) / s if s > 0 else math.nan for m, s in zip(mean, spread, strict=True)]
    columns = (mean.tolist(), spread.tolist(), offset)
    return {
        name: table(name, (0,), [dict(zip(sites, column, strict=True))])
        for name, column in zip(NAMES, columns, strict=True)
    }


def _other_task(subject: Subject) -> str:
    """Return why the targets are not values that predictions should equal, "" where they are."""
    target = subject.target
    if target is None or not target.is_floating_point():
        return "the targets are not numbers to be predicted"
    made = own_problem(subject)
    if made.task.kind not in VALUES or not made.predicts_targets:
        return "predictions are not in the unit of the targets"
    return ""
