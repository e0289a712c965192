"""The share of the predictions' variance that what is dropped is to blame for."""

import dataclasses

import numpy as np
import pytest
from probe_setups import network, recording

from unstuck.core.transform import dropped
from unstuck.probe import dropping
from unstuck.probe.subject import subject


def noisy(p, units=4, rows=400):
    """Units that all repeat the one input, dropped with this probability, and averaged."""
    data = np.random.default_rng(0).normal(size=(rows, 1)).astype(np.float32)
    weights = [(np.ones((units, 1)), np.zeros(units)), (np.ones((1, units)) / units, np.zeros(1))]
    setup = network(data, data, weights, activations=["torch.nn.functional.dropout"], ends=weights)
    ops = tuple(
        dataclasses.replace(op, kwargs={"p": p, "training": True}) if op.short == "dropout" else op
        for op in setup.program.ops
    )
    return dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))


def measured(setup):
    return dropping.measure(subject(setup), recording(setup))["dropout_noise"]


@pytest.mark.parametrize(("p", "units"), [(0.5, 4), (0.9, 4), (0.5, 64)])
def test_the_share_is_that_of_the_mean_of_so_many_units(p, units):
    found = measured(noisy(p, units))
    noise = p / (1 - p) / units  # the variance of a mean, in squares of the input, which has one
    assert found.at("prediction") == pytest.approx(noise / (1 + noise), rel=0.25)
    assert found.steps == (0, 10)


def test_a_network_that_drops_nothing_is_not_measured():
    assert measured(noisy(0.0)).startswith("does not apply")


def test_the_network_is_measured_as_it_is_used():
    ready = subject(noisy(0.9))
    assert not any(dropped(op) for op in ready.setup.program.ops)
    assert np.allclose(ready.state(ready.setup.program.prediction, 0), ready.inputs, atol=1e-6)
