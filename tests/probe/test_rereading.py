"""Rows that were mixed when their array got its shape: whether the right reading is found, and only then."""

import dataclasses

import numpy as np
import pytest
from probe_setups import drawn, network, recording

from unstuck.core.transform import Unchangeable, with_rows_reread
from unstuck.core.transform.reread import readings, reread
from unstuck.probe import ladder, rereading
from unstuck.probe.subject import subject

RANDOM = np.random.default_rng(0)
WAVES = RANDOM.normal(size=(300, 6)).astype(np.float32)
TARGETS = (WAVES[:, :1] + 0.5 * WAVES[:, 3:4]).astype(np.float32)
MIXED = np.ascontiguousarray(WAVES.T).reshape(300, 6)


def made(inputs, targets=TARGETS):
    return network(inputs, targets, drawn((6, 4, 1)), activations=("torch.tanh",))


def found(setup):
    return rereading.measure(subject(setup), recording(setup))["reread_r2"]


@pytest.mark.parametrize("shape", [(7, 2), (7, 2, 3), (7, 1, 4, 5), (7, 4, 1, 5)])
def test_every_axis_on_which_rows_can_have_lain_is_read_back(shape):
    rows = RANDOM.normal(size=shape)
    places = list(readings(rows))
    assert places == [place for place in range(1, len(shape)) if shape[place] > 1]
    for place in places:
        mixed = np.ascontiguousarray(np.moveaxis(rows, 0, place)).reshape(shape)
        assert np.array_equal(reread(mixed, place), rows)
        assert not np.array_equal(mixed, rows)


def test_mixed_rows_have_the_goal_of_the_rows_that_were_meant():
    setup = made(MIXED)
    table = found(setup)
    assert table.at("axis") == 1
    assert table.at("now") < 0.02 and table.at("learner") > 0.9
    rungs = ladder.measure(subject(setup), recording(setup))["ladder"]
    assert rungs.at("goal") < 0.2 * rungs.at("constant")


@pytest.mark.parametrize(
    ("inputs", "targets"), [(WAVES, TARGETS), (RANDOM.normal(size=(300, 6)), TARGETS)]
)
def test_rows_in_order_and_noise_are_read_as_they_stand(inputs, targets):
    assert np.isnan(found(made(inputs.astype(np.float32), targets)).at("axis"))


def test_rows_of_which_some_are_missing_have_no_order():
    setup = made(MIXED)
    setup = dataclasses.replace(setup, data=dataclasses.replace(setup.data, complete=False))
    assert np.isnan(found(setup).at("axis"))
    with pytest.raises(Unchangeable, match="order"):
        with_rows_reread(setup, 1)


def test_the_change_gives_the_network_the_rows_that_were_meant():
    setup = made(MIXED)
    (slot,) = setup.program.inputs
    assert np.array_equal(with_rows_reread(setup, 1).data.rows[slot], WAVES)
