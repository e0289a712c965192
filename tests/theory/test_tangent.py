"""The frozen-kernel forecast against networks whose training is known, step by step."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.theory import tangent

RATE = 0.3


def linear_problem(seed=0, rows=12, features=5, spread=1.0):
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(rows, features)) * spread ** -np.arange(features)
    return inputs, random.normal(size=rows), random.normal(size=features)


def scaled(inputs, targets, weights, rate=RATE):
    """Jacobian and residuals of mean squared error in scaled form."""
    scale = math.sqrt(2 / len(targets))
    return scale * inputs * math.sqrt(rate), scale * (inputs @ weights - targets)


def trained(inputs, targets, weights, steps, *, momentum=0.0, rate=RATE):
    """Losses before each step and after the last one of real gradient descent, as torch's SGD does it."""
    weights, velocity, losses = weights.copy(), np.zeros_like(weights), []
    for _ in range(steps + 1):
        left = inputs @ weights - targets
        losses.append(float(np.mean(left**2)))
        velocity = momentum * velocity + 2 / len(targets) * inputs.T @ left
        weights = weights - rate * velocity
    return np.array(losses)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_curve_of_a_linear_network_is_exact_at_every_step(momentum):
    problem = linear_problem()
    found = tangent.modes(*scaled(*problem))
    foreseen = tangent.losses_after(found, np.arange(101.0), momentum=momentum)
    assert foreseen == pytest.approx(trained(*problem, 100, momentum=momentum), rel=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 0.95), st.floats(0, 3.9), st.integers(0, 60))
def test_a_mode_goes_as_its_two_lines_of_code_say(momentum, rate, steps):
    residual, velocity = 1.0, 0.3
    for _ in range(steps):
        velocity = momentum * velocity + rate * residual
        residual = residual - velocity
    found, moved = tangent.after(
        np.array([rate]), np.array([1.0]), np.array([0.3]), steps, momentum
    )
    size = max(1.0, abs(residual), abs(velocity))
    assert found[0] == pytest.approx(residual, abs=1e-6 * size)
    assert moved[0] == pytest.approx(velocity, abs=1e-6 * size)


def test_where_both_roots_of_a_mode_are_one_the_recursion_still_holds():
    momentum = 0.64
    rate = (1 - math.sqrt(momentum)) ** 2
    residual, velocity = 1.0, 0.0
    for _ in range(7):
        velocity = momentum * velocity + rate * residual
        residual -= velocity
    found, _ = tangent.after(np.array([rate]), np.array([1.0]), np.array([0.0]), 7, momentum)
    assert found[0] == pytest.approx(residual, rel=1e-6)


def test_a_slow_mode_keeps_its_digits_over_a_billion_steps():
    found = tangent.Modes(np.array([1e-9]), np.eye(1), np.array([1.0]))
    assert tangent.losses_after(found, np.array([1e9]))[0] == pytest.approx(
        math.exp(-2) / 2, rel=1e-8
    )


def test_a_slow_mode_under_momentum_goes_at_the_rate_over_one_less_the_momentum():
    found = tangent.Modes(np.array([1e-8]), np.eye(1), np.array([1.0]))
    after = tangent.losses_after(found, np.array([1e7]), momentum=0.9)[0]
    assert after == pytest.approx(math.exp(-2) / 2, rel=1e-5)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("share", [0.9, 0.6])
def test_the_steps_to_a_loss_are_those_of_real_training(momentum, share):
    problem = linear_problem(1, spread=2.0)
    losses = trained(*problem, 4000, momentum=momentum, rate=0.05)
    target = losses[-1] + (1 - share) * (losses[0] - losses[-1])
    truth = int(np.argmax(losses <= target))
    found = tangent.modes(*scaled(*problem, rate=0.05))
    assert tangent.steps_to(found, target, momentum=momentum) == truth > 1


def test_what_no_mode_can_learn_is_a_plateau():
    inputs, targets, weights = linear_problem()
    found = tangent.modes(*scaled(inputs, targets, weights))
    best = inputs @ np.linalg.lstsq(inputs, targets)[0]
    floor = float(np.mean((targets - best) ** 2))
    foreseen = tangent.frozen(found, 0.5 * floor, 1e9)
    assert math.isinf(foreseen.median)
    assert foreseen.plateau == pytest.approx(floor, rel=1e-6)


def test_a_loss_already_met_takes_no_step():
    found = tangent.modes(*scaled(*linear_problem()))
    assert tangent.steps_to(found, 2 * found.loss) == 0


def test_the_loss_of_the_modes_is_that_of_the_problem():
    inputs, targets, weights = linear_problem()
    found = tangent.modes(*scaled(inputs, targets, weights))
    assert found.loss == pytest.approx(np.mean((inputs @ weights - targets) ** 2))
    assert found.shares.sum() == pytest.approx(1)


def test_laziness_is_the_distance_to_the_nearest_solution():
    inputs, targets, weights = linear_problem(rows=4, features=9)
    found = tangent.modes(*scaled(inputs, targets, weights, rate=1.0))
    away = np.linalg.pinv(inputs) @ (targets - inputs @ weights)
    assert tangent.laziness(found, 2.0) == pytest.approx(np.linalg.norm(away) / 2)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_laziness_of_so_many_steps_is_how_far_they_lead(momentum):
    inputs, targets, weights = linear_problem(rows=4, features=9)
    found = tangent.modes(*scaled(inputs, targets, weights, rate=0.1))
    moved, velocity = weights.copy(), 0.0
    for _ in range(25):
        velocity = momentum * velocity + 2 / 4 * inputs.T @ (inputs @ moved - targets)
        moved = moved - 0.1 * velocity
    away = np.linalg.norm(moved - weights) / math.sqrt(0.1)
    index = tangent.laziness(found, 1.0, steps=25, momentum=momentum)
    assert index == pytest.approx(away, rel=1e-8)


def test_the_range_is_the_trust_that_laziness_deserves():
    found = tangent.modes(*scaled(*linear_problem(rows=4, features=9), rate=0.1))
    index = tangent.laziness(found, 1.0, steps=tangent.steps_to(found, 0.1))
    sure = tangent.frozen(found, 0.1, 2 * index / tangent.LAZY)
    loose = tangent.frozen(found, 0.1, 2 * index / tangent.MOVING)
    moved = tangent.frozen(found, 0.1, 0.5 * index / tangent.MOVING)
    assert sure.high / sure.median == pytest.approx(tangent.SURE)
    assert loose.median / loose.low == pytest.approx(tangent.LOOSE)
    assert not moved.known and "laziness" in moved.why


def test_above_the_edge_of_stability_nothing_is_foreseen():
    problem = linear_problem()
    top = tangent.modes(*scaled(*problem, rate=1.0)).rates[0]
    over, under = (tangent.modes(*scaled(*problem, rate=f * 2 / top)) for f in (1.01, 0.99))
    assert "edge of stability" in tangent.frozen(over, 1e-3, 1e9).why
    assert tangent.stable(under) and not tangent.stable(over)
    assert tangent.stable(over, momentum=0.9)


def test_a_kernel_that_does_not_fit_is_refused_by_its_shape():
    with pytest.raises(ValueError, match=r"\(3, 2\).*\(3,\)"):
        tangent.modes_of_kernel(np.zeros((3, 2)), np.zeros(3))


def test_values_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="no number"):
        tangent.modes_of_kernel(np.full((2, 2), np.nan), np.zeros(2))
