"""Everything that pictures of a run need, from its recording and its diagnosis."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.pictures import Pictures
from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Recording
from unstuck.probe.pictures.ahead import ahead
from unstuck.probe.pictures.answers import against, along, residuals, surface
from unstuck.probe.pictures.data import embedding, inputs, rows, targets
from unstuck.probe.pictures.network import bends, flows, units
from unstuck.probe.pictures.seen import seen
from unstuck.probe.ready import ready
from unstuck.probe.subject import Subject

NAMES = {
    "along": "targets and answers along the input",
    "against": "answers against targets",
    "residuals": "residuals",
    "targets": "the targets",
    "inputs": "the inputs",
    "bends": "where units bend",
    "units": "units",
    "flows": "gradients and moves of the layers",
    "surface": "the answers over two inputs",
    "embedding": "a map of the inputs",
    "rows": "rows",
}
POINTS = 200  # of the recorded gradient's curve


def pictures(recording: Recording, diagnosis: Diagnosis, *, data: bool = False) -> Pictures:
    """Return what pictures need; data: rows of the user's data too."""
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        return _pictures(recording, diagnosis, data=data)


def _pictures(recording: Recording, diagnosis: Diagnosis, *, data: bool) -> Pictures:
    gradient = _gradient(recording)
    subject = _tried(lambda: _subject(recording))
    if isinstance(subject, str):
        forecast = _tried(lambda: ahead(recording, diagnosis, None))
        told = {"answers, data and layers": subject}
        return Pictures(
            ahead=None if isinstance(forecast, str) else forecast, gradient=gradient, left_out=told
        )
    found = _tried(lambda: seen(subject))
    known = _of_subject(subject, recording, diagnosis) | (
        dict.fromkeys(("along", "against", "residuals", "targets", "surface", "embedding"), found)
        if isinstance(found, str)
        else _of_seen(found, data=data)
    )
    measured = {name: value for name, value in known.items() if not isinstance(value, str)}
    left_out = {
        NAMES[name]: value
        for name, value in known.items()
        if isinstance(value, str) and name in NAMES and not value.startswith(INAPPLICABLE)
    }
    few, more = measured.pop("inputs", ((), 0))
    return dataclasses.replace(
        Pictures(),
        total=recording.setup.data.count if recording.setup else subject.count,
        measured=subject.count,
        inputs=few,
        more_inputs=more,
        gradient=gradient,
        left_out=left_out,
        **measured,
    )


def _subject(recording: Recording) -> Subject:
    if recording.setup is None:
        raise LookupError(recording.gaps.get("setup", "the training procedure was not recorded"))
    return ready(recording.setup)


def _of_subject(subject: Subject, recording: Recording, diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "ahead": _tried(lambda: ahead(recording, diagnosis, subject)),
        "inputs": _tried(lambda: inputs(subject)),
        "bends": _tried(lambda: bends(subject)),
        "units": _tried(lambda: units(subject)),
        "flows": _tried(lambda: flows(subject)),
    }


def _of_seen(found: Any, *, data: bool) -> dict[str, Any]:
    made = {
        "along": _tried(lambda: along(found)),
        "against": _tried(lambda: against(found)),
        "residuals": _tried(lambda: residuals(found)),
        "targets": _tried(lambda: targets(found)),
        "surface": _tried(lambda: surface(found)),
        "embedding": _tried(lambda: embedding(found)),
    }
    return made | ({"rows": _tried(lambda: rows(found))} if data else {})


def _tried(measure: Callable[[], Any]) -> Any:
    """Return what a picture needs, or why there is nothing; whatever goes wrong in it is the reason."""
    try:
        return measure()
    except Exception as error:
        first = str(error).strip().splitlines()
        return first[0] if first else type(error).__name__


def _gradient(recording: Recording) -> tuple[tuple[int, float], ...]:
    """Return the recorded norm of the gradient at the updates, thinned."""
    table = recording.tables.get("gradient_at_step")
    if table is None:
        return ()
    norms = table.values[:, 0]
    few = np.unique(np.linspace(0, len(norms) - 1, POINTS).round().astype(int))
    return tuple(
        (int(table.steps[i]), float(f"{norms[i]:.5g}")) for i in few if math.isfinite(norms[i])
    )
