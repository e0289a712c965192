"""The goal of a patched run whose loss is in another unit than the script's."""

import dataclasses
import math

import numpy as np
import pytest
from probe_setups import Y, drawn, network, recording

from unstuck.core.setup import Data
from unstuck.record.folder import save
from unstuck.verify.script import own_goal


def far():
    """A regression with targets far from zero."""
    rows = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    return network(rows, 40 + 5 * np.sin(rows[:, :1]) * rows[:, 1:], drawn((2, 4, 1)))


def goal(setup, folder):
    save(recording(setup), folder)
    return own_goal(folder)


def test_it_scales_with_the_variance_of_the_targets(tmp_path):
    setup = far()
    targets = setup.data.rows[Y]
    scaled = (targets - targets.mean()) / targets.std()
    other = dataclasses.replace(setup, data=Data({**setup.data.rows, Y: scaled}))
    raw = goal(setup, tmp_path / "raw")
    assert raw < targets.var()
    assert goal(other, tmp_path / "scaled") == pytest.approx(raw / targets.var(), rel=1e-3)


def test_there_is_none_without_a_recording(tmp_path):
    assert math.isnan(own_goal(tmp_path))
