"""A run that saw one batch of a loader again and again is measured on all that the loader holds."""

import dataclasses

import numpy as np
import pytest
from probe_setups import X, Y, drawn, network, recording

from unstuck.probe import probe
from unstuck.probe.held import whole

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(80, 2)).astype(np.float32)
TARGETS = np.sin(2 * INPUTS[:, :1])


def repeating(batch=16):
    setup = network(INPUTS[:batch], TARGETS[:batch], drawn((2, 1)), ends=drawn((2, 1)))
    data = dataclasses.replace(setup.data, unseen={X: INPUTS, Y: TARGETS})
    return dataclasses.replace(setup, data=data)


def test_it_is_measured_on_all_rows():
    found = probe(recording(repeating(), [0.1, 0.0]))
    tables = found.recording.tables
    assert tables["rows"].at("rows") == 80
    assert (tables["same_batch"].at("trained"), tables["same_batch"].at("held")) == (16, 80)
    assert tables["ladder"].at("constant") == pytest.approx(float(TARGETS.var()), rel=1e-3)
    assert found.verdict == "stuck"
    assert found.sentence.endswith("the script's own is that of one batch.")


def test_a_run_that_saw_its_rows_is_measured_on_them():
    setup = network(INPUTS, TARGETS, drawn((2, 1)))
    found = probe(recording(setup))
    assert whole(setup) is setup
    assert np.isnan(found.recording.tables["same_batch"].values).all()
    assert "one batch" not in found.sentence
