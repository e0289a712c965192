"""Waves in the targets of a training, in radians over one unit of each input; and where there are none to look for."""

import dataclasses

import numpy as np
import pytest
from probe_setups import X, drawn, network, recording

from unstuck.core.quantities import INAPPLICABLE
from unstuck.probe import waves
from unstuck.probe.subject import subject

HOURS = np.linspace(0, 100, 400, dtype=np.float32)[:, None]


def measured(inputs, targets, **more):
    targets = np.asarray(targets, np.float32 if targets.dtype.kind == "f" else None)
    outputs = more.pop("outputs", 1)
    width = inputs.shape[1] if inputs.ndim > 1 else 1
    setup = network(inputs, targets, drawn((width, outputs)), **more)
    return waves.measure(subject(setup), recording(setup))["waves"]


def test_a_wave_is_told_in_radians_over_one_unit_of_its_input():
    found = measured(HOURS, np.sin(2.5 * HOURS))
    assert found.at("input 0") == pytest.approx(2.5, rel=2e-3)
    assert found.at("cycles") == pytest.approx(250 / (2 * np.pi), rel=2e-3)
    assert found.at("explained") > 0.95
    assert found.at("smooth") < 0.05


def test_where_there_is_no_wave_the_line_is_told_beside_no_cycles():
    found = measured(HOURS, 3 * HOURS)
    assert found.at("cycles") == 0
    assert found.at("explained") == pytest.approx(1.0)


def test_a_wave_may_say_yes_and_no():
    yes = (np.sin(HOURS) > 0).astype(np.float32)
    found = measured(HOURS, yes, loss="bce_logits")
    assert found.at("input 0", 0) == pytest.approx(1.0, rel=5e-3)
    assert found.at("explained") > 0.8


def why(found):
    assert isinstance(found, str) and found.startswith(INAPPLICABLE)
    return found


def test_many_inputs_have_too_many_directions():
    assert "inputs" in why(measured(np.tile(HOURS, (1, 4)), np.sin(HOURS)))


def test_classes_are_no_numbers():
    classes = (np.arange(400) % 3).astype(np.int64)
    assert "targets" in why(measured(HOURS, classes, outputs=3, loss="ce"))


def test_few_rows_hold_no_eight_waves():
    assert "rows" in why(measured(HOURS[:63], np.sin(HOURS[:63])))


def test_many_targets_a_row_are_another_thing():
    assert "targets" in why(measured(HOURS, np.tile(np.sin(HOURS), (1, 17)), outputs=17))


def test_holes_are_another_fault():
    targets = np.sin(HOURS)
    targets[3] = np.nan
    assert "no numbers" in why(measured(HOURS, targets))


def test_several_inputs_are_not_looked_along():
    setup = network(HOURS, np.sin(HOURS), drawn((1, 1)))
    ready = subject(setup)
    program = dataclasses.replace(setup.program, inputs=(X, X))
    both = dataclasses.replace(ready, setup=dataclasses.replace(setup, program=program))
    assert "several" in why(waves.measure(both, recording(setup))["waves"])
