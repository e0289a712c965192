"""Each quantity against its definition written out slowly, on small networks made by hand."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from probe_setups import XNOR, Y, drawn, heart_rate, network, recording

from unstuck.core.setup import Draw, Op, Optimizer
from unstuck.core.transform import standardised_inputs, with_rate
from unstuck.probe import (
    collisions,
    curvature,
    curve,
    hidden,
    inputs,
    ladder,
    operands,
    predictions,
    reach,
    starts,
    targets,
    units,
)
from unstuck.probe.subject import subject

RANDOM = np.random.default_rng(0)
INPUTS, TARGETS = heart_rate()
SIGMOIDS = {"activations": ["torch.sigmoid"], "output": "torch.sigmoid", "loss": "bce"}


def measured(family, setup):
    return family.measure(subject(setup), recording(setup))


def relu_units(weights, biases, data):
    """A network whose hidden units are relu(w x + b), for one input."""
    hidden = (np.array(weights, float)[:, None], np.array(biases, float))
    out = (np.ones((1, len(weights))), np.zeros(1))
    data = np.array(data, np.float32)[:, None]
    return network(data, data, [hidden, out], activations=["torch.relu"])


# units


def test_a_unit_is_off_when_it_is_zero_for_every_row():
    setup = relu_units([1, 1, -1, 1], [0, -5, -5, 5], [-1, 0, 1])
    assert measured(units, setup)["units_off"].at("0") == pytest.approx(0.5)


def test_a_unit_bends_when_its_threshold_lies_strictly_inside_the_data():
    setup = relu_units([1, 1, -1, 1], [0, -5, -5, 5], [-1, 0, 1])
    assert measured(units, setup)["units_bending"].at("0") == pytest.approx(0.25)


def test_a_threshold_at_the_edge_of_the_data_is_not_inside_it():
    setup = relu_units([1, 1, 1], [1, -1, 0], [-1, 0, 1])
    assert measured(units, setup)["units_bending"].at("0") == pytest.approx(1 / 3)


def test_raw_heart_rates_saturate_sigmoids_and_standardised_ones_do_not():
    setup = network(INPUTS, TARGETS, drawn((1, 40, 1)), **SIGMOIDS)
    raw = measured(units, setup)
    scaled = measured(units, standardised_inputs(setup))
    assert raw["units_saturated"].at("0") > 0.9 and raw["units_bending"].at("0") < 0.1
    assert scaled["units_saturated"].at("0") < 0.1 and scaled["units_bending"].at("0") > 0.6


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_saturation_agrees_with_the_slopes_by_differences(name):
    pre = RANDOM.normal(size=(30, 200)) * RANDOM.uniform(0, 1, 200) + RANDOM.normal(size=200) * 6
    act = getattr(torch, name)
    at = torch.tensor(pre)
    post, step = act(at).numpy(), 1e-6
    slope = ((act(at + step) - act(at - step)) / (2 * step)).numpy()
    largest, full = (0.25, 1.0) if name == "sigmoid" else (1.0, 2.0)
    flat = (slope < 0.01 * largest).all(0)
    narrow = post.max(0) - post.min(0) < 0.05 * full
    slight = np.median(slope, axis=0) < 0.1 * largest
    found = units.saturated(post, name)
    assert np.array_equal(found, flat | (narrow & slight))
    assert 0.1 < found.mean() < 0.9


def test_start_and_end_are_two_rows():
    ends = [(w * 0, b * 0 - 1) for w, b in drawn((1, 4, 1))]
    setup = network(
        INPUTS, TARGETS, drawn((1, 4, 1)), activations=["torch.relu"], ends=ends, steps=30
    )
    off = measured(units, setup)["units_off"]
    assert off.steps == (0, 30) and off.at("0", -1) == 1.0


def test_a_network_without_hidden_layers_says_so():
    found = measured(units, network(INPUTS, TARGETS, drawn((1, 1))))
    assert found["units_off"] == "the network has no hidden layer that could be followed"


def test_saturation_is_not_measured_where_nothing_saturates():
    setup = network(INPUTS, TARGETS, drawn((1, 4, 1)), activations=["torch.relu"])
    assert (
        measured(units, setup)["units_saturated"]
        == "does not apply: no hidden layer has a sigmoid or tanh"
    )


# collisions


def xnor_floor(hidden):
    """Mean entropy of the target given equal rows of the hidden layer, over that of the prior."""
    total = 0.0
    for row in hidden:
        same = [np.allclose(row, other, atol=1e-5) for other in hidden]
        share = XNOR[1][same].mean()
        total -= sum(p * np.log(p) for p in (share, 1 - share) if p) / len(hidden)
    return total / np.log(2)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_the_collision_floor_of_xnor_is_the_conditional_entropy_given_the_hidden_layer(seed):
    weights = drawn((4, 2, 2, 1), seed)
    setup = network(
        *XNOR, weights, activations=["torch.relu"] * 2, output="torch.sigmoid", loss="bce"
    )
    table = measured(collisions, setup)["collision_floor"]
    first = np.maximum(XNOR[0] @ weights[0][0].T + weights[0][1], 0)
    second = np.maximum(first @ weights[1][0].T + weights[1][1], 0)
    assert table.at("0") == pytest.approx(xnor_floor(first), abs=1e-6)
    assert table.at("1") == pytest.approx(xnor_floor(second), abs=1e-6)


def test_a_layer_that_is_off_merges_everything():
    setup = relu_units([0, 0], [-1, -1], [-1, 0, 1, 2])
    assert measured(collisions, setup)["collision_floor"].at("0") == pytest.approx(1.0)


def test_rows_that_only_rounding_tells_apart_are_merged():
    data = np.arange(4, dtype=np.float32)[:, None]
    once = np.float32(0.6)
    hidden = np.array([[once], [np.nextafter(once, np.float32(1))], [0.1], [0.2]], np.float64)
    targets = np.array([[0], [1], [0], [1]], np.float32)
    made = collisions.problem(subject(network(data, targets, drawn((1, 1)))))
    eps = float(np.finfo(np.float32).eps)
    assert collisions.floor(made, hidden, eps) == pytest.approx(0.125)
    assert collisions.floor(made, data.astype(float), eps) == 0


def test_tiny_inputs_are_not_merged_by_the_tolerance():
    data = np.arange(1000, dtype=np.float32)[:, None] / 1e6
    setup = network(data, data * 1e3, drawn((1, 20, 1)), activations=["torch.relu"])
    assert measured(collisions, setup)["collision_floor"].at("0") < 1e-3


# predictions


def test_a_linear_network_has_no_nonlinear_share():
    data = RANDOM.normal(size=(100, 3)).astype(np.float32)
    setup = network(data, data[:, :1], drawn((3, 20, 20, 1)))
    assert measured(predictions, setup)["nonlinear_share"].at("prediction") < 1e-10


def test_the_nonlinear_share_of_a_parabola_is_all_of_it():
    x = np.linspace(-1, 1, 101)[:, None]
    design = np.hstack([np.ones_like(x), x])
    assert predictions.nonlinear_share(design, x**2) == pytest.approx(1.0)
    assert predictions.nonlinear_share(design, 3 * x + 1) == pytest.approx(0.0, abs=1e-20)
    mixed = predictions.nonlinear_share(design, x + x**2)
    assert mixed == pytest.approx((x**2).var() / (x.var() + (x**2).var()))


def test_the_nonlinear_share_of_a_constant_is_unknown():
    assert np.isnan(predictions.nonlinear_share(np.ones((9, 1)), np.full((9, 1), 2.0)))


def test_an_output_that_varies_by_rounding_alone_is_constant():
    design = np.column_stack([np.ones(50), np.arange(50.0)])
    noise = RANDOM.normal(size=(50, 1)) * 1e-8
    assert np.isnan(predictions.nonlinear_share(design, 1 + noise))


def test_constancy_compares_spreads_of_probabilities_and_targets():
    setup = network(INPUTS, TARGETS, drawn((1, 4, 1)), **SIGMOIDS)
    ready = subject(setup)
    found = predictions.measure(ready, recording(setup))["prediction_constancy"]
    expected = ready.predictions(0).double().numpy().std() / TARGETS.astype(float).std()
    assert found.at("prediction") == pytest.approx(expected, rel=1e-5)


def test_constancy_is_the_same_for_probabilities_and_for_their_logits():
    one = network(INPUTS / 50, TARGETS, drawn((1, 4, 1)), **SIGMOIDS)
    logits = {"activations": ["torch.sigmoid"], "loss": "bce_logits"}
    two = network(INPUTS / 50, TARGETS, drawn((1, 4, 1)), **logits)
    values = [measured(predictions, s)["prediction_constancy"].at("prediction") for s in (one, two)]
    assert values[0] == pytest.approx(values[1], rel=1e-4)


def test_rows_frozen_on_the_wrong_side_are_counted():
    weights = [(np.array([[1000.0]]), np.array([0.0]))]
    data = np.array([[-1], [-1], [1], [1]], np.float32)
    targets = np.array([[0], [1], [0], [1]], np.float32)
    setup = network(data, targets, weights, output="torch.sigmoid", loss="bce")
    assert measured(predictions, setup)["sigmoid_exact"].at("prediction") == 0.5


def test_without_a_sigmoid_nothing_is_frozen_and_the_reason_is_given():
    found = measured(predictions, network(INPUTS, TARGETS, drawn((1, 1))))
    assert found["sigmoid_exact"] == "does not apply: the prediction is not made by a sigmoid"


# operands


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("loss", ["mse", "l1", "huber"])
def test_a_target_without_its_second_axis_is_compared_with_every_prediction(loss):
    setup = network(INPUTS, TARGETS[:, 0], drawn((1, 1)), loss=loss, batch=20, order="epochs")
    assert measured(operands, setup)["loss_pairs"].at("operands") == 20


def test_agreeing_shapes_are_compared_one_to_one():
    setup = network(INPUTS, TARGETS, drawn((1, 1)))
    assert measured(operands, setup)["loss_pairs"].at("operands") == 1


def weighted(prediction, free):
    """((prediction - target)² · weight by row).mean(), the weights being the target's own first column."""
    first = {"tuple": [{"slice": [None, None, None]}, {"slice": [0, 1, None]}]}
    ops = [
        Op("torch.Tensor.sub", ({"slot": prediction}, {"slot": Y}), {}, (free,)),
        Op("torch.Tensor.pow", ({"slot": free}, 2), {}, (free + 1,)),
        Op("torch.Tensor.__getitem__", ({"slot": Y}, first), {}, (free + 2,)),
        Op("torch.Tensor.mul", ({"slot": free + 1}, {"slot": free + 2}), {}, (free + 3,)),
        Op("torch.Tensor.mean", ({"slot": free + 3},), {}, (free + 4,)),
    ]
    return ops, free + 4


def test_one_weight_a_row_is_no_broadcast_of_the_loss():
    targets = np.repeat(TARGETS, 3, axis=1)
    setup = network(INPUTS, targets, drawn((1, 3)), tail=weighted)
    assert measured(operands, setup)["loss_pairs"].at("operands") == 1


def test_classes_are_no_broadcast():
    setup = network(INPUTS, TARGETS[:, 0].astype(int), drawn((1, 2)), loss="ce")
    assert measured(operands, setup)["loss_pairs"].at("operands") == 1


# inputs


def test_offset_mean_and_spread_are_those_of_each_column():
    data = (RANDOM.normal(size=(80, 3)) * [1, 5, 0.1] + [0, 100, -3]).astype(np.float32)
    found = measured(inputs, network(data, data[:, :1], drawn((3, 1))))
    assert found["input_mean"].values[0] == pytest.approx(data.mean(0), rel=1e-4, abs=1e-6)
    assert found["input_spread"].values[0] == pytest.approx(data.std(0), rel=1e-4)
    assert found["input_offset"].values[0] == pytest.approx(abs(data.mean(0)) / data.std(0), 1e-3)


def test_a_feature_that_never_varies_has_no_offset():
    data = np.column_stack([np.full(20, 7.0), np.arange(20.0)]).astype(np.float32)
    found = measured(inputs, network(data, data[:, :1], drawn((2, 1))))
    assert found["input_spread"].at("feature 0") == 0
    assert np.isnan(found["input_offset"].at("feature 0"))


def test_the_size_of_the_data_is_counted():
    found = measured(inputs, network(INPUTS, TARGETS, drawn((1, 1))))["rows"]
    assert [found.at(site) for site in ("rows", "features", "targets")] == [200, 1, 1]


# curvature


def hessian(setup):
    """The Hessian of the full loss at the start, entry by entry, by torch's own function."""
    ready = subject(setup)
    start, rates = curvature._trained(setup)
    slots = sorted(start)

    def loss(*parts):
        return curvature._full_loss(ready, dict(zip(slots, parts, strict=True)))

    blocks = torch.autograd.functional.hessian(loss, tuple(start[s] for s in slots))
    sizes = [start[s].numel() for s in slots]
    rows = [
        torch.cat([b.reshape(n, m) for b, m in zip(row, sizes, strict=True)], 1)
        for row, n in zip(blocks, sizes, strict=True)
    ]
    return torch.cat(rows).double().numpy(), rates


def sgd(**more):
    return Optimizer("SGD", ({"lr": 0.1, **more},))


DATA = RANDOM.normal(size=(40, 2)).astype(np.float32)
WAVE = np.sin(2 * DATA[:, :1])


def curved(optimizer, seed=0):
    return network(
        DATA, WAVE, drawn((2, 6, 1), seed), activations=["torch.tanh"], optimizer=optimizer
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_rate_over_the_edge_uses_the_hessians_largest_eigenvalue(seed):
    setup = curved(sgd(), seed)
    largest = np.linalg.eigvalsh(hessian(setup)[0])[-1]
    found = measured(curvature, setup)["rate_over_edge"].at("rate")
    assert found == pytest.approx(0.1 * largest / 2, rel=5e-3)


def test_momentum_widens_the_edge():
    plain = measured(curvature, curved(sgd()))["rate_over_edge"].at("rate")
    heavy = measured(curvature, curved(sgd(momentum=0.9)))["rate_over_edge"].at("rate")
    assert heavy == pytest.approx(plain / 1.9)


def test_the_rate_scales_the_ratio():
    one = measured(curvature, curved(sgd()))["rate_over_edge"].at("rate")
    ten = measured(curvature, with_rate(curved(sgd()), 10))["rate_over_edge"].at("rate")
    assert ten == pytest.approx(10 * one, rel=1e-5)


def test_gradient_descent_on_a_line_diverges_just_above_the_edge_and_not_below():
    data = RANDOM.normal(size=(30, 1)).astype(np.float32)
    setup = network(data, 2 * data, drawn((1, 1)), optimizer=sgd())
    edge = 0.1 / measured(curvature, setup)["rate_over_edge"].at("rate")
    design = np.hstack([data, np.ones_like(data)]).astype(float)
    for factor, stable in ((0.98, True), (1.02, False)):
        weights = np.array([0.5, 0.5])
        for _ in range(2000):
            error = design @ weights - 2 * data[:, 0]
            weights = weights - factor * edge * 2 * design.T @ error / 30
        assert (np.abs(weights).max() < 10) == stable


def test_rounding_is_not_taken_for_a_bend():
    rows = np.linspace(0, 1e-4, 200)[:, None]
    design = np.column_stack([np.ones(200), rows])
    outputs = (0.3 + rows).astype(np.float32).astype(float)
    assert predictions.nonlinear_share(design, outputs) == 0.0
    bent = 0.3 + 1e4 * rows**2
    assert predictions.nonlinear_share(design, bent) > 0.01


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 12), st.integers(0, 10_000))
def test_lanczos_finds_the_largest_eigenvalue_of_any_symmetric_matrix(size, seed):
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(size, size))
    matrix = matrix + matrix.T
    found = curvature.largest_eigenvalue(lambda v: matrix @ v, size)
    values = np.linalg.eigvalsh(matrix)
    assert found == pytest.approx(values[-1], abs=2e-3 * np.abs(values).max())


def test_lanczos_takes_at_most_thirty_products():
    calls = []
    values = np.linspace(0, 1, 500)

    def product(vector):
        calls.append(1)
        return values * vector

    assert curvature.largest_eigenvalue(product, 500) == pytest.approx(1, abs=0.02)
    assert len(calls) <= 30


@pytest.mark.parametrize("kind", ["Adam", "Adagrad", "RMSprop"])
def test_the_first_adaptive_step_is_predicted(kind):
    setup = curved(Optimizer(kind, ({"lr": 1e-4},)))
    parts = [torch.tensor(p.start, requires_grad=True) for p in setup.parameters]

    def predict():
        hidden = torch.tanh(torch.tensor(DATA) @ parts[0].T + parts[1])
        return hidden @ parts[2].T + parts[3]

    before = predict()
    ((before - torch.tensor(WAVE)) ** 2).mean().backward()
    getattr(torch.optim, kind)(parts, lr=1e-4).step()
    moved = (predict() - before).detach().double().numpy()
    expected = np.sqrt((moved**2).mean()) / WAVE.std()
    found = measured(curvature, setup)["rate_over_edge"].at("rate")
    assert found == pytest.approx(expected, rel=0.01)


def test_an_optimizer_without_a_simple_first_step_says_so():
    found = measured(curvature, curved(Optimizer("LBFGS", ({"lr": 1.0},))))
    assert found["rate_over_edge"] == "the first step of LBFGS has no simple form"


# the curve


def slow_mean(steps, losses, window):
    return [
        np.mean([v for s, v in zip(steps, losses, strict=True) if now - window < s <= now])
        for now in steps
    ]


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.integers(0, 999))
def test_the_running_mean_spans_a_twentieth_of_the_run(gaps, seed):
    steps = np.cumsum(gaps).astype(float)
    losses = np.random.default_rng(seed).normal(size=len(steps))
    window = max((steps[-1] + 1) / 20, 1)
    found = curve.running_mean(steps, losses)
    assert found == pytest.approx(slow_mean(steps, losses, window), abs=1e-9)


def with_goal(losses, constant=1.0, goal=0.1):
    from unstuck.core.recording import Table

    ladder = Table("ladder", (0,), ("constant", "goal"), np.array([[constant, goal]]))
    return curve.measure(recording(None, losses).with_tables(ladder))


def test_descent_is_the_lowest_mean_so_far():
    found = with_goal([3.0, 2.0, 2.5, 1.0, 4.0])["descent"]
    assert found.values[:, 0].tolist() == [3, 2, 2, 1, 1]


def test_losses_that_are_no_numbers_do_not_count_as_descent():
    found = with_goal([np.nan, 2.0, np.nan, 1.0])["descent"]
    assert found.values[1:, 0].tolist()[0] == 2.0
    assert np.isnan(found.values[0, 0]) and found.values[-1, 0] == 1.0


def test_progress_counts_the_last_tenth_and_all_of_it():
    found = with_goal(np.linspace(1.0, 0.1, 10))["progress"]
    assert found.at("total") == pytest.approx(1.0)
    assert found.at("late") == pytest.approx(1 / 9)


def test_a_flat_end_gains_nothing_late():
    found = with_goal(np.concatenate([np.linspace(1, 0.5, 50), np.full(50, 0.5)]))["progress"]
    assert found.at("late") == pytest.approx(0)
    assert found.at("total") == pytest.approx(0.5 / 0.9, rel=0.05)


def test_swing_is_the_mean_step_in_the_last_half():
    found = with_goal([5.0, 1.0, 0.5, 0.6, 0.5, 0.6])["swing"]
    assert found.at("loss") == pytest.approx(0.1 / 0.9)


def test_without_a_goal_progress_has_a_reason():
    found = with_goal([1.0, 0.9], goal=np.nan)
    assert found["progress"] == "there is no goal" and "descent" in found


# reach


def ending_in(output, targets, *, loss="mse"):
    """Some rows, and a network whose last operation is this one."""
    data = RANDOM.normal(size=(len(targets), 2)).astype(np.float32)
    targets = np.array(targets, np.float32)
    sizes = (2, 3, targets.shape[1] if targets.ndim > 1 else 2)
    return network(
        data, targets, drawn(sizes), activations=["torch.relu"], output=output, loss=loss
    )


def reached(output, targets, **options):
    found = measured(reach, ending_in(output, targets, **options))["out_of_reach"]
    return found if isinstance(found, str) else {site: found.at(site) for site in found.sites}


def test_targets_below_zero_are_out_of_reach_of_a_relu():
    found = reached("torch.relu", [[-2.0], [-1.0], [1.0], [2.0]])
    assert found["loss"] == pytest.approx(5 / 4)
    assert found["share"] == pytest.approx(0.5)  # the constant 0 scores 10 / 4
    assert found["targets"] == 0.5


@pytest.mark.parametrize(
    ("output", "low", "high"), [("torch.sigmoid", 0, 1), ("torch.tanh", -1, 1)]
)
def test_the_nearest_values_lie_within_the_range(output, low, high):
    targets = RANDOM.normal(size=(40, 1)) * 3
    nearest = np.array([min(max(t, low), high) for t in targets[:, 0]])
    slow = np.mean((nearest - targets[:, 0]) ** 2)
    assert reached(output, targets)["loss"] == pytest.approx(slow, rel=1e-4)


def counted(prediction, free):
    """The loss of counts whose rate is the exponential of the prediction."""
    loss = Op(
        "torch.nn.functional.poisson_nll_loss", ({"slot": prediction}, {"slot": Y}), {}, (free,)
    )
    return [loss], free


@pytest.mark.parametrize(("mean", "lost"), [(0.2, True), (4.0, False)])
def test_a_logarithm_below_zero_is_out_of_reach_of_a_softplus(mean, lost):
    counts = np.random.default_rng(5).poisson(mean, (200, 1)).astype(np.float32)
    setup = network(
        RANDOM.normal(size=(200, 2)).astype(np.float32), counts, drawn((2, 3, 1)),
        activations=["torch.relu"], output="torch.nn.functional.softplus", tail=counted,
    )  # fmt: skip
    found = measured(reach, setup)["out_of_reach"]
    assert found.at("constant") == pytest.approx(np.log(counts.mean()), abs=1e-3)
    rate = counts.mean()
    lowest, bound = rate - rate * np.log(rate), 1.0 if lost else rate - rate * np.log(rate)
    assert found.at("loss") == pytest.approx(bound, rel=1e-3)
    assert found.at("share") == pytest.approx((bound - lowest) / abs(lowest), abs=1e-3)


def test_targets_within_the_range_are_all_in_reach():
    assert reached("torch.tanh", [[-1.0], [0.5], [1.0]])["share"] == pytest.approx(0.0)


def test_shares_of_one_are_within_reach_of_a_softmax_and_other_rows_are_not():
    targets = RANDOM.dirichlet(np.ones(3), 20)
    assert reached("torch.softmax", targets)["share"] == pytest.approx(0, abs=1e-6)
    assert reached("torch.softmax", targets * 2)["targets"] > 0.5


def test_the_nearest_point_on_the_simplex_is_nearer_than_any_of_many_others():
    others = RANDOM.dirichlet(np.ones(4), 20_000)
    for row in RANDOM.normal(size=(5, 4)):
        (found,) = reach.on_simplex(row[None])
        assert found.sum() == pytest.approx(1) and (found >= 0).all()
        assert ((found - row) ** 2).sum() <= ((others - row) ** 2).sum(1).min() + 1e-9


def test_a_softmax_over_one_unit_says_one_for_every_row():
    found = reached("torch.softmax", [[0.0], [1.0], [0.0], [1.0]], loss="bce")
    assert found["targets"] == 0.5 and found["share"] > 1


def test_logits_that_cannot_be_negative_leave_half_of_the_doubt_for_the_zeros():
    found = reached("torch.relu", [[0.0], [1.0], [0.0], [1.0]], loss="bce_logits")
    assert found["loss"] == pytest.approx(np.log(2) / 2, rel=1e-3)


def test_a_sigmoid_that_the_loss_asks_for_is_not_judged():
    assert "does not apply" in reached("torch.sigmoid", [[0.0], [1.0]], loss="bce")
    assert "does not apply" in reached("", [[-1.0], [1.0]])


# starts


def scaled(weights, factor):
    return [(w * np.float32(factor), b) for w, b in weights]


def sums(setup, weights, layer):
    """The pre-activations (n, u) of this layer, by hand."""
    here = setup.data.rows[100]
    for number in range(layer + 1):
        here = (np.maximum(here, 0) if number else here) @ weights[number][0].T + weights[number][1]
    return here


def test_the_size_of_the_sums_is_that_of_the_recorded_start_and_of_default_draws():
    data = RANDOM.normal(size=(60, 3)).astype(np.float32)
    weights = scaled(drawn((3, 64, 64, 1)), 20)
    setup = network(data, data[:, :1], weights, activations=["torch.relu"] * 2)
    found = measured(starts, setup)
    for layer in range(3):
        made = sums(setup, weights, layer)
        assert found["signal"].at(str(layer), 0) == pytest.approx(
            np.sqrt((made**2).mean()), rel=1e-4
        )
        spread = np.sqrt(made.var(0).mean())
        assert found["signal_spread"].at(str(layer), 0) == pytest.approx(spread, rel=1e-3)
    usual = [sums(setup, drawn((3, 64, 64, 1), seed), 1) for seed in range(20)]
    typical = np.median([np.sqrt((made**2).mean()) for made in usual])
    assert found["signal"].at("1", 1) == pytest.approx(typical, rel=0.15)


def test_layers_as_torch_draws_them_are_not_compared():
    data = RANDOM.normal(size=(20, 2)).astype(np.float32)
    setup = network(data, data[:, :1], drawn((2, 4, 1)), activations=["torch.tanh"])
    fans = {"0": 2, "1": 4}
    parameters = tuple(
        dataclasses.replace(p, draws=(Draw("fan_uniform", (1.0,), fans[p.name[0]]),))
        for p in setup.parameters
    )
    found = measured(starts, dataclasses.replace(setup, parameters=parameters))
    assert "does not apply" in found["signal"] and "does not apply" in found["signal_spread"]


def twins(post):
    """The share of columns that another column equals, one by one."""
    scale = np.abs(post).max()
    same = [
        any(j != i and np.abs(post[:, i] - post[:, j]).max() <= 1e-3 * scale for j in range(post.shape[1]))
        for i in range(post.shape[1])
    ]  # fmt: skip
    return np.mean(same)


@pytest.mark.parametrize("copies", [0, 1, 3, 7])
def test_equal_units_are_counted_one_by_one(copies):
    post = RANDOM.normal(size=(30, 8))
    post[:, : copies + 1] = post[:, :1]
    assert starts.equal(post) == twins(post) == (copies + 1 if copies else 0) / 8


def test_units_that_are_all_off_are_equal_and_one_unit_has_no_twin():
    assert starts.equal(np.zeros((5, 4))) == 1.0
    assert np.isnan(starts.equal(np.ones((5, 1))))


# targets


def test_centre_and_spread_of_the_targets_are_those_of_their_columns():
    data = RANDOM.normal(size=(50, 2)) * [3.0, 0.1] + [30.0, -5.0]
    rows = RANDOM.normal(size=(50, 1)).astype(np.float32)
    found = measured(targets, network(rows, data.astype(np.float32), drawn((1, 4, 2))))
    mean, spread = data.mean(0), data.std(0)
    assert found["target_mean"].values[0] == pytest.approx(mean, rel=1e-4)
    assert found["target_spread"].values[0] == pytest.approx(spread, rel=1e-4)
    assert found["target_offset"].values[0] == pytest.approx(abs(mean) / spread, rel=1e-3)


def test_targets_that_are_classes_have_no_scale_to_measure():
    found = measured(targets, network(INPUTS, TARGETS, drawn((1, 4, 1)), **SIGMOIDS))
    assert set(found) == {"target_mean", "target_spread", "target_offset"}
    assert all(why.startswith("does not apply") for why in found.values())


# hidden signals


def paired(rows, moved):
    """A training whose targets stand so many rows behind their inputs."""
    data = np.random.default_rng(5).normal(size=(rows, 2)).astype(np.float32)
    answers = np.tanh(2 * data[:, :1]) + data[:, 1:]
    setup = network(data, np.roll(answers, moved, axis=0), drawn((2, 4, 1)))
    ready, before = subject(setup), recording(setup)
    return ready, before.with_tables(*_tables(ladder.measure(ready, before)))


def _tables(found):
    return [one for one in found.values() if not isinstance(one, str)]


def test_moved_targets_are_predicted_once_they_are_moved_back():
    found = hidden.measure(*paired(150, 4))["aligned_r2"]
    assert found.at("rows") == 4
    assert found.at("learner") > 0.8 and found.at("now") < 0.02


@pytest.mark.parametrize(("rows", "moved"), [(150, 0), (99, 4)])
def test_no_shift_is_tried_where_a_signal_is_known_or_rows_are_few(rows, moved):
    found = hidden.measure(*paired(rows, moved))["aligned_r2"]
    assert np.isnan(found.values).all()
