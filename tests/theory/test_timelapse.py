"""The time-lapse forecast against real gradient descent, step by step."""

import math

import numpy as np
import pytest

from unstuck.theory import timelapse
from unstuck.theory.tangent import modes

WIDTH = 6


def parts(weights):
    """Input weights, thresholds and output weights of a network of one input and one hidden layer."""
    return weights.reshape(3, -1)


def network(seed=0, rows=8, rate=0.05, width=WIDTH):
    """A tanh network in scaled form, with its Jacobian by hand."""
    random = np.random.default_rng(seed)
    inputs = random.uniform(-1, 1, rows)
    targets = np.sin(3 * inputs)
    start = random.normal(size=3 * width)
    scale, root = math.sqrt(2 / rows), math.sqrt(rate)

    def hidden(weights):
        first, thresholds, _ = parts(weights * root)
        return np.tanh(np.outer(inputs, first) + thresholds)

    def residuals(weights):
        return scale * (hidden(weights) @ parts(weights * root)[2] - targets)

    def jacobian(weights):
        made, last = hidden(weights), parts(weights * root)[2]
        slope = (1 - made**2) * last
        return scale * root * np.hstack([slope * inputs[:, None], slope, made])

    def gradient(weights):
        return jacobian(weights).T @ residuals(weights)

    return timelapse.Training(start / root, residuals, jacobian, gradient)


def straight(seed=0, rows=5, features=9, rate=0.1):
    """A linear network, for which one jump is exact however long it is."""
    random = np.random.default_rng(seed)
    inputs, targets = random.normal(size=(rows, features)), random.normal(size=rows)
    jacobian = math.sqrt(2 / rows * rate) * inputs
    offset = math.sqrt(2 / rows) * targets
    return timelapse.Training(
        random.normal(size=features) / math.sqrt(rate),
        lambda w: jacobian @ w - offset,
        lambda w: jacobian,
        lambda w: jacobian.T @ (jacobian @ w - offset),
    )


def beginning(training, velocity=None):
    rest = np.zeros_like(training.start) if velocity is None else velocity
    return timelapse.State(0.0, training.start, rest, training.residuals(training.start))


def losses_of(training, steps, momentum=0.0):
    state = beginning(training)
    return np.array(
        [state.loss, *(s.loss for s in timelapse.walked(training, state, steps, momentum))]
    )


def test_the_jacobian_of_these_tests_is_that_of_finite_differences():
    training = network()
    found = training.jacobian(training.start)
    for place in range(len(training.start)):
        moved = np.zeros_like(training.start)
        moved[place] = 1e-5
        slope = training.residuals(training.start + moved) - training.residuals(
            training.start - moved
        )
        assert found[:, place] == pytest.approx(slope / 2e-5, abs=1e-6)


@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_a_jump_of_a_linear_network_ends_where_its_steps_do(momentum):
    training = straight()
    begun = beginning(training, np.random.default_rng(1).normal(size=9))
    *_, walked = timelapse.walked(training, begun, 50, momentum)
    jacobian = training.jacobian(training.start)
    jumped = timelapse.jumped(begun, jacobian, modes(jacobian, begun.residuals), 50, momentum)
    assert jumped.weights == pytest.approx(walked.weights, rel=1e-8)
    assert jumped.velocity == pytest.approx(walked.velocity, rel=1e-6, abs=1e-9)
    assert jumped.residuals == pytest.approx(walked.residuals, rel=1e-6, abs=1e-9)
    assert jumped.step == walked.step


def test_a_jump_of_one_step_is_a_step_of_gradient_descent():
    training = network()
    begun = beginning(training)
    (walked,) = timelapse.walked(training, begun, 1, 0.0)
    jacobian = training.jacobian(training.start)
    jumped = timelapse.jumped(begun, jacobian, modes(jacobian, begun.residuals), 1, 0.0)
    assert jumped.weights == pytest.approx(walked.weights, rel=1e-9)


def test_a_walk_is_gradient_descent_with_a_rate_and_a_velocity():
    training, rate = network(), 0.05
    root = math.sqrt(rate)
    weights, velocity = training.start * root, 0.0
    for _ in range(5):
        velocity = 0.9 * velocity + training.gradient(weights / root) / root
        weights = weights - rate * velocity
    *_, walked = timelapse.walked(training, beginning(training), 5, 0.9)
    assert walked.weights * root == pytest.approx(weights, rel=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_steps_foreseen_are_those_of_real_training(seed, momentum):
    training = network(seed)
    losses = losses_of(training, 4000, momentum)
    target = math.sqrt(losses[300] * losses[-1])
    truth = int(np.argmax(losses <= target))
    found = timelapse.lapse(training, float(target), momentum=momentum)
    assert truth > 300
    assert truth / 1.2 <= found.median <= truth * 1.2
    assert found.low <= truth <= found.high


def test_the_curve_foreseen_is_that_of_real_training():
    training = network(3)
    losses = losses_of(training, 3000)
    found = timelapse.lapse(training, float(losses[-1]))
    real = losses[np.minimum(found.steps.astype(int), 3000)]
    assert len(found.steps) > 20
    assert found.losses == pytest.approx(real, rel=0.25)


def test_what_cannot_be_fitted_is_where_the_curve_comes_to_rest():
    training = straight(rows=12, features=3)
    w = np.linalg.lstsq(training.jacobian(training.start), -training.residuals(0 * training.start))[
        0
    ]
    lowest = float((training.residuals(w) ** 2).sum() / 2)
    found = timelapse.lapse(training, lowest / 2)
    assert found.plateau == pytest.approx(lowest, rel=1e-6)
    assert math.isinf(found.median)


@pytest.mark.parametrize("spent", [{"looks": 1}, {"walks": 1}])
def test_a_forecast_that_has_spent_what_it_may_says_so(spent):
    found = timelapse.lapse(network(), 0.0, **spent)
    assert not found.known and found.plateau is None
    assert "too fast for long jumps" in found.why


def test_a_loss_already_met_takes_no_step():
    training = network()
    assert timelapse.lapse(training, 1e9).high == 0


def test_a_momentum_of_one_is_refused():
    with pytest.raises(ValueError, match="momentum of 1"):
        timelapse.lapse(network(), 0.1, momentum=1.0)


def test_a_thinned_curve_keeps_its_first_and_last_point():
    steps = np.arange(5000.0)
    few, losses = timelapse.thinned(steps, steps)
    assert len(few) <= 200 and few[0] == 0 and few[-1] == 4999
    assert np.array_equal(few, losses)
