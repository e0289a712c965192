"""How much of a prediction depends on which rows share a batch, and what fixed statistics leave."""

import dataclasses
import itertools

import numpy as np
import pytest
from probe_setups import network, recording, slot

from unstuck.core.setup import Op
from unstuck.probe import norms
from unstuck.probe.subject import subject

EPS = 1e-5


def normalised(batch=2, rows=240, *, training=True, data=None, mean=0.0, variance=1.0):
    """One input, normalised over the batch, is the prediction."""
    if data is None:
        data = np.random.default_rng(0).normal(size=(rows, 1)).astype(np.float32)
    weights = [(np.ones((1, 1)), np.zeros(1))]
    setup = network(data, data, weights, ends=weights, batch=batch, order="epochs")
    linear, loss = setup.program.ops
    args = (linear.args[0], slot(500), slot(501), None, None, training, 0.1, EPS)
    op = Op("torch.nn.functional.batch_norm", args, {}, (700,), "norm")
    linear = dataclasses.replace(linear, args=(slot(700), *linear.args[1:]))
    fixed = {500: np.full(1, mean, np.float32), 501: np.full(1, variance, np.float32)}
    program = dataclasses.replace(setup.program, ops=(op, linear, loss), constants=fixed)
    return dataclasses.replace(setup, program=program)


def measured(setup):
    return norms.measure(subject(setup), recording(setup))["norms"]


def every_pair(values):
    """The share, over all pairs of rows: of each pair one is 1 and the other -1."""
    whole = (values - values.mean()) / values.std()
    apart = [
        (np.sign(whole[i] - whole[j]) - whole[i]) ** 2
        for i, j in itertools.permutations(range(len(values)), 2)
    ]
    return np.mean(apart) / (np.mean(apart) + whole.var())


def test_of_two_rows_one_is_at_one_and_the_other_at_minus_one():
    setup = normalised(2)
    expected = every_pair(setup.data.rows[setup.program.inputs[0]][:, 0].astype(float))
    assert measured(setup).at("noise") == pytest.approx(expected, rel=0.15)


def test_larger_batches_leave_less_to_chance():
    two, eight, many = (measured(normalised(size)).at("noise") for size in (2, 8, 64))
    assert two > 2 * eight > 4 * many


def test_one_batch_of_all_rows_leaves_nothing_to_chance():
    assert np.isnan(measured(normalised(240)).at("noise"))


def test_centre_and_spread_are_of_what_fixed_statistics_leave():
    data = np.random.default_rng(0).normal(1000, 200, size=(240, 1)).astype(np.float32)
    found = measured(normalised(2, training=False, data=data, mean=400.0, variance=1e4))
    left = (data - 400.0) / 100.0
    assert found.at("offset") == pytest.approx(left.mean() / left.std(), rel=1e-4)
    assert found.at("widest") == found.at("narrowest") == pytest.approx(left.std(), rel=1e-4)
    assert np.isnan(found.at("noise"))


def test_a_network_without_batch_norm_is_not_measured():
    setup = normalised()
    ops = tuple(op for op in setup.program.ops if op.short != "batch_norm")
    bare = dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))
    assert norms.measure(_like(setup, bare), recording(bare))["norms"].startswith("does not apply")


def _like(setup, bare):
    return dataclasses.replace(subject(setup), setup=bare)
