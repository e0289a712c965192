"""The trials' curves beside the diagnosis: kept, read again, and never in the way."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pytest
from made import arm, bundle, curved, diagnosis, prescription

from unstuck.report.curves import CURVES, with_curves, write_curves
from unstuck.report.json import dumps
from unstuck.report.saved import loads


def test_curves_come_back_as_they_were_written(tmp_path: Path) -> None:
    shared = bundle(0.7, 0.3, math.inf)
    chosen = prescription(without=arm(0), with_it=arm(64, bundle=shared))
    made = curved(prescription=chosen)
    write_curves(made, tmp_path)
    again = with_curves(loads(dumps(made)), tmp_path)
    trial, told = again.trials["inputs-unscaled"], again.prescription
    assert trial.without.bundle == made.trials["inputs-unscaled"].without.bundle
    assert trial.with_it.bundle == made.trials["inputs-unscaled"].with_it.bundle
    assert told is not None and told.with_it.bundle == shared and told.without.bundle is None


def test_a_curve_that_two_trials_share_is_kept_once(tmp_path: Path) -> None:
    made = curved()
    shown = made.trials["inputs-unscaled"]
    more = {"inputs-unscaled": shown, "other": dataclasses.replace(shown, name="other")}
    write_curves(dataclasses.replace(made, trials=more), tmp_path)
    assert len(json.loads((tmp_path / CURVES).read_text())["bundles"]) == 2


def test_without_curves_nothing_is_kept_of_an_earlier_diagnosis(tmp_path: Path) -> None:
    write_curves(curved(), tmp_path)
    assert (tmp_path / CURVES).exists()
    write_curves(diagnosis(), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 2}', '{"schema": 1, "bundles": [{}]}'])
def test_what_is_no_file_of_curves_is_left_out(text: str, tmp_path: Path) -> None:
    (tmp_path / CURVES).write_text(text)
    made = diagnosis()
    assert with_curves(made, tmp_path) == made
