"""Starts of an ensemble: each member its own, and the same in every arm."""

import dataclasses

import numpy as np
import pytest
import torch
from setups import changed, perceptron

from unstuck.core.setup import Draw
from unstuck.core.transform import wider, with_activation, with_rate
from unstuck.trial.draw import starts


def same(one, other):
    return all(torch.equal(one[slot], other[slot]) for slot in one)


def test_a_start_depends_on_its_seed_and_number_only():
    setup = perceptron()
    few, many = starts(setup, 3, 5), starts(setup, 30, 5)
    assert all(torch.equal(few[slot], many[slot][:3]) for slot in few)
    assert not same(few, starts(setup, 3, 6))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: with_rate(s, 10.0),
        lambda s: with_activation(s, ["0"]),
        lambda s: changed(s, plan_steps=3),
    ],
)
def test_arms_with_the_same_shapes_start_from_the_same_weights(change):
    setup = perceptron(activation="")
    assert same(starts(setup, 6, 1), starts(change(setup), 6, 1))


def test_members_differ():
    drawn = starts(perceptron(), 50, 0)[0]
    assert len({tuple(member.reshape(-1).tolist()) for member in drawn}) == 50


def test_a_recorded_start_is_every_members():
    setup = dataclasses.replace(perceptron(), start="recorded")
    for slot, values in starts(setup, 4, 0).items():
        (parameter,) = [p for p in setup.parameters if p.slot == slot]
        assert all(np.array_equal(value.numpy(), parameter.start) for value in values)


def test_members_do_not_share_memory():
    for start in ("recorded", "draw"):
        values = starts(dataclasses.replace(perceptron(), start=start), 2, 0)[0]
        values[0] += 1
        assert not torch.equal(values[0], values[1])


def test_the_global_random_state_is_left_alone():
    before = torch.get_rng_state()
    starts(perceptron(), 3, 0)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_wider_network_is_drawn_for_its_new_sizes():
    setup = wider(perceptron((3, 40, 1)), 4)
    weights = starts(setup, 200, 0)
    assert weights[2].shape == (200, 1, 160)
    assert float(weights[2].abs().max()) == pytest.approx(1 / 160**0.5, rel=0.01)
    assert float(weights[0].abs().max()) == pytest.approx(1 / 3**0.5, rel=0.01)


def redrawn(*draws, shape=(30, 20)):
    setup = perceptron()
    parameter = dataclasses.replace(
        setup.parameters[0], start=np.full(shape, 0.25, np.float32), draws=draws
    )
    return starts(dataclasses.replace(setup, parameters=(parameter,)), 300, 0)[0]


@pytest.mark.parametrize(
    ("draws", "mean", "spread"),
    [
        ([Draw("uniform", (-1.0, 3.0))], 1.0, 4 / 12**0.5),
        ([Draw("normal", (0.5, 0.2))], 0.5, 0.2),
        ([Draw("constant", (0.3,))], 0.3, 0.0),
        ([Draw("normal", (0.0, 1.0)), Draw("scale", (0.1,)), Draw("shift", (2.0,))], 2.0, 0.1),
        ([Draw("fan_uniform", (3**0.5,), 20)], 0.0, 20**-0.5),
        ([Draw("fan_normal", (2**0.5,), 20)], 0.0, (2 / 20) ** 0.5),
        ([Draw("xavier_uniform", (1.0,))], 0.0, (2 / 50) ** 0.5),
        ([Draw("xavier_normal", (2.0,))], 0.0, 2 * (2 / 50) ** 0.5),
        ([Draw("orthogonal", (1.0,))], 0.0, 30**-0.5),
        ([Draw("keep")], 0.25, 0.0),
    ],
)
def test_each_way_of_drawing_has_the_mean_and_the_spread_that_it_says(draws, mean, spread):
    values = redrawn(*draws).double()
    assert float(values.mean()) == pytest.approx(mean, abs=0.01 * spread + 1e-6)
    assert float(values.std()) == pytest.approx(spread, rel=0.01, abs=1e-6)


def test_a_way_of_drawing_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="no way to draw 'guess'"):
        redrawn(Draw("guess"))
