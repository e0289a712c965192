"""The ladder: its laws on random problems, and its rungs on problems with known answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from theory_problems import XNOR_INPUTS, XNOR_TARGETS, heart_rate, poisson, problem

from unstuck.theory import ladder


def random_problem(kind, seed, rows=40):
    random = np.random.default_rng(seed)
    inputs = random.integers(0, 4, (rows, 2)).astype(float)
    values = inputs @ random.normal(size=(2, 1)) + random.normal(size=(rows, 1))
    if kind.startswith("binary"):
        values = (values > values.mean()).astype(float)
    if kind == "classes":
        values = np.argsort(np.argsort(values[:, 0])) * 3 // rows
    return inputs, values


kinds = st.sampled_from(["squares", "absolute", "binary", "binary_logits", "classes", "other"])
seeds = st.integers(0, 10_000)


@settings(deadline=None, max_examples=40)
@given(kinds, seeds)
def test_each_rung_fitted_to_the_rows_is_at_most_the_one_above(kind, seed):
    rungs = ladder(problem(kind, *random_problem(kind, seed)), learners=False).losses
    assert rungs["linear"] <= rungs["constant"] + 1e-9
    assert rungs["quadratic"] <= rungs["linear"] + 1e-9
    assert rungs["floor"] <= rungs["quadratic"] + 1e-6 * rungs["constant"]


@settings(deadline=None, max_examples=25)
@given(kinds, seeds)
def test_the_order_of_rows_and_columns_changes_no_fitted_rung(kind, seed):
    inputs, targets = random_problem(kind, seed)
    order = np.random.default_rng(seed).permutation(len(inputs))
    one = ladder(problem(kind, inputs, targets), learners=False)
    other = ladder(problem(kind, inputs[order][:, ::-1], targets[order]), learners=False)
    for rung in ("constant", "linear", "quadratic", "floor"):
        assert one.losses[rung] == pytest.approx(other.losses[rung], rel=2e-3, abs=1e-3)


@settings(deadline=None, max_examples=25)
@given(kinds, seeds)
def test_shifting_and_scaling_inputs_changes_no_fitted_rung(kind, seed):
    inputs, targets = random_problem(kind, seed)
    one = ladder(problem(kind, inputs, targets), learners=False)
    other = ladder(problem(kind, inputs * 1e-3 + 7, targets), learners=False)
    for rung in ("constant", "linear", "quadratic", "floor"):
        assert one.losses[rung] == pytest.approx(other.losses[rung], rel=2e-3, abs=1e-3)


def test_four_rows_of_xnor_are_no_line_and_can_be_learned_by_heart():
    found = ladder(problem("binary", XNOR_INPUTS, XNOR_TARGETS))
    assert found.constant == pytest.approx(np.log(2))
    assert found.losses["linear"] == pytest.approx(np.log(2))
    assert found.losses["floor"] == 0
    assert found.memorising


def test_a_rung_that_would_learn_the_rows_by_heart_is_not_run_and_says_so():
    found = ladder(problem("binary", XNOR_INPUTS, XNOR_TARGETS))
    assert found.losses["quadratic"] is None
    assert "4 independent columns would learn most of the 4 rows" in found.reasons["quadratic"]


def test_four_rows_are_too_few_for_learners():
    found = ladder(problem("binary", XNOR_INPUTS, XNOR_TARGETS))
    assert found.learner is None and "too few" in found.reasons["learner"]


def test_a_threshold_is_learnable_from_rows_not_seen():
    inputs, targets = heart_rate()
    share = targets.mean()
    entropy = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    found = ladder(problem("binary", inputs, targets))
    assert found.constant == pytest.approx(entropy)
    assert found.losses["learner"] < 0.05


def test_the_product_of_two_inputs_is_learned_by_the_quadratic_and_not_by_the_line():
    inputs = np.random.default_rng(0).normal(size=(200, 2))
    rungs = ladder(problem("squares", inputs, inputs.prod(1, keepdims=True)), learners=False).losses
    assert rungs["linear"] > 0.9 * rungs["constant"]
    assert rungs["quadratic"] == 0


def contradictory(rows=600, seed=0):
    random = np.random.default_rng(seed)
    inputs = random.integers(0, 10, (rows, 1)).astype(float)
    return inputs, (random.random((rows, 1)) < 0.1 + 0.06 * inputs).astype(float)


def conditional_variance(inputs, targets):
    missed = 0.0
    for value in np.unique(inputs):
        chosen = targets[inputs == value]
        missed += ((chosen - chosen.mean()) ** 2).sum()
    return missed / len(targets)


def test_the_floor_is_the_conditional_variance_over_repeated_inputs():
    inputs, targets = contradictory()
    found = ladder(problem("squares", inputs, targets), learners=False)
    assert found.losses["floor"] == pytest.approx(conditional_variance(inputs, targets))
    assert found.groups == 10 and not found.memorising


@pytest.mark.parametrize("kind", ["squares", "binary"])
def test_the_floors_allowance_makes_up_for_its_fit_to_the_rows(kind):
    gaps, allowances = [], []
    for seed in range(60):
        inputs, targets = contradictory(200, seed)
        made = problem(kind, inputs, targets)
        found = ladder(made, learners=False)
        gaps.append(made.loss(0.1 + 0.06 * inputs) - found.losses["floor"])
        allowances.append(found.allowance)
    assert np.mean(allowances) == pytest.approx(np.mean(gaps), rel=0.25)


def test_the_allowance_of_squares_is_that_of_the_residual_variance():
    inputs, targets = contradictory(40)
    found = ladder(problem("squares", inputs, targets), learners=False)
    unbiased = found.losses["floor"] * 40 / (40 - found.groups)
    assert found.losses["floor"] + found.allowance == pytest.approx(unbiased)


def test_the_allowance_of_classes_counts_one_share_less_than_there_are_classes():
    inputs = np.repeat(np.arange(5.0), 6)[:, None]
    targets = np.tile([0, 0, 1, 1, 2, 2], 5)
    targets[:6] = 0  # the rows of one input agree
    found = ladder(problem("classes", inputs, targets), learners=False)
    assert found.allowance == pytest.approx(4 * (3 - 1) / (2 * 30))


@pytest.mark.parametrize(("distinct", "by_heart"), [(40, False), (50, False), (51, True)])
def test_rows_are_learned_by_heart_when_fewer_than_two_share_an_input(distinct, by_heart):
    inputs = (np.arange(100.0) % distinct)[:, None]
    found = ladder(problem("squares", inputs, np.sin(np.arange(100.0))[:, None]), learners=False)
    assert found.memorising == by_heart


def test_the_allowance_has_the_unit_of_the_loss():
    inputs, targets = contradictory()
    for kind in ("squares", "binary"):
        one = ladder(problem(kind, inputs, targets), learners=False).allowance
        thousand = ladder(problem(kind, inputs, targets, scale=1e3), learners=False).allowance
        assert thousand == pytest.approx(1e3 * one)


def test_targets_that_never_vary_leave_nothing_to_explain():
    inputs = np.arange(30.0)[:, None]
    found = ladder(problem("squares", inputs, np.full((30, 1), 3.0)))
    assert found.constant == 0 and found.losses["learner"] == 0


def test_inputs_that_are_all_the_same_are_given_to_no_learner():
    targets = np.random.default_rng(0).normal(size=(40, 1))
    found = ladder(problem("squares", np.ones((40, 3)), targets))
    assert found.reasons["learner"] == "all inputs are the same"
    assert found.losses["linear"] == pytest.approx(found.constant)
    assert found.losses["floor"] == pytest.approx(found.constant)


def test_wide_inputs_have_too_many_products():
    random = np.random.default_rng(0)
    made = problem("squares", random.normal(size=(300, 70)), random.normal(size=(300, 1)))
    assert ladder(made, learners=False).reasons["quadratic"] == "70 inputs have too many products"


def test_learners_of_targets_say_nothing_where_the_loss_takes_something_else():
    random = np.random.default_rng(0)
    inputs = random.random((200, 2))
    counts = random.poisson(np.exp(1 + 2 * inputs[:, :1])).astype(float)
    found = ladder(problem("other", inputs, counts, loss=poisson))
    assert found.learner is None and found.losses["learner"] is None
    assert "equals its target" in found.reasons["learner"]
    assert found.losses["linear"] < found.constant
