"""The trials' loss curves beside the diagnosis, so that a picture of them can be drawn later.

They are kept apart from the documented diagnosis, which would be mostly curves otherwise. A curve that
several trials share is stored once.
"""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.trial import Arm, Bundle
from unstuck.report.json import replace_text

CURVES = "curves.json"
SCHEMA = 1

Document = dict[str, Any]


def write_curves(diagnosis: Diagnosis, folder: Path) -> None:
    """Keep the curves of every trial and of the prescription; where no arm has any, an earlier file goes."""
    bundles: list[Bundle] = []

    def arms(without: Arm, with_it: Arm) -> Document:
        return {"without": place(without.bundle), "with": place(with_it.bundle)}

    def place(bundle: Bundle | None) -> int | None:
        if bundle is None:
            return None
        if bundle not in bundles:
            bundles.append(bundle)
        return bundles.index(bundle)

    chosen = diagnosis.prescription
    trials = {name: arms(one.without, one.with_it) for name, one in diagnosis.trials.items()}
    content = {
        "schema": SCHEMA,
        "trials": trials,
        "prescription": None if chosen is None else arms(chosen.without, chosen.with_it),
        "bundles": [_finite(dataclasses.asdict(bundle)) for bundle in bundles],
    }
    if bundles:
        replace_text(folder / CURVES, json.dumps(content, allow_nan=False) + "\n")
    else:
        (folder / CURVES).unlink(missing_ok=True)


def with_curves(diagnosis: Diagnosis, folder: Path) -> Diagnosis:
    """Return the diagnosis with the curves that its run folder holds, as far as they can be read."""
    try:
        content = json.loads((folder / CURVES).read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            return diagnosis
        bundles = [_bundle(each) for each in content["bundles"]]
        trials = {
            name: _with(trial, content["trials"].get(name), bundles)
            for name, trial in diagnosis.trials.items()
        }
        chosen = diagnosis.prescription
        if chosen is not None:
            chosen = _with(chosen, content["prescription"], bundles)
    except (OSError, KeyError, TypeError, ValueError, IndexError, AttributeError):
        return diagnosis
    return dataclasses.replace(diagnosis, trials=trials, prescription=chosen)


def _with(compared: Any, places: Document | None, bundles: list[Bundle]) -> Any:
    """Return a trial or prescription whose arms have their curves."""
    if places is None:
        return compared

    def arm(side: str, arm: Arm) -> Arm:
        at = places[side]
        return arm if at is None else dataclasses.replace(arm, bundle=bundles[at])

    return dataclasses.replace(
        compared, without=arm("without", compared.without), with_it=arm("with", compared.with_it)
    )


def _bundle(content: Document) -> Bundle:
    return Bundle(
        tuple(int(step) for step in content["steps"]),
        _values(content["low"]),
        _values(content["median"]),
        _values(content["high"]),
        tuple(_values(member) for member in content["members"]),
    )


def _values(numbers: list[float | None]) -> tuple[float, ...]:
    return tuple(math.inf if number is None else float(number) for number in numbers)


def _finite(value: Any) -> Any:
    """JSON lacks infinity: null stands for it."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
