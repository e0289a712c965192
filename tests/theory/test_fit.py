"""Best constants and linear models against closed forms, scikit-learn and brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from sklearn.linear_model import LogisticRegression
from theory_problems import heart_rate, problem

from unstuck.theory.fit import grouped, linear

RANDOM = np.random.default_rng(0)
COLUMNS = RANDOM.normal(size=(60, 3))
REAL = COLUMNS @ [[1.0], [-0.5], [0.2]] + RANDOM.standard_t(3, size=(60, 1))
YES = (REAL + RANDOM.normal(size=REAL.shape) > 0.3).astype(float)
CLASS = np.digitize(REAL[:, 0], [-0.7, 0.7])
TARGETS = {
    "squares": REAL,
    "absolute": REAL,
    "binary": YES,
    "binary_logits": YES,
    "classes": CLASS,
    "other": REAL,
}
KINDS = sorted(TARGETS)


def constant_loss(kind, scale=1.0):
    made = problem(kind, COLUMNS, TARGETS[kind], scale=scale)
    return made, made.loss(grouped(made, np.zeros(60, int)))


@settings(deadline=None)
@given(st.sampled_from(KINDS), st.lists(st.floats(-4, 4), min_size=3, max_size=3))
def test_no_constant_scores_less_than_the_best_constant(kind, values):
    made, best = constant_loss(kind)
    row = np.array(values[: made.task.outputs])
    row = 1 / (1 + np.exp(-row)) if kind == "binary" else row
    assert best <= made.loss(np.tile(row, (60, 1))) + 1e-9


def test_the_best_constant_of_probabilities_scores_the_entropy_of_the_prior():
    share = YES.mean()
    entropy = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    assert constant_loss("binary")[1] == pytest.approx(entropy)
    assert constant_loss("binary_logits")[1] == pytest.approx(entropy)


def test_the_best_constant_of_classes_scores_the_entropy_of_their_frequencies():
    shares = np.bincount(CLASS) / 60
    assert constant_loss("classes")[1] == pytest.approx(-(shares * np.log(shares)).sum())


def test_the_best_constant_of_squares_scores_the_variance():
    assert constant_loss("squares")[1] == pytest.approx(REAL.var())


def test_the_best_constant_of_another_loss_is_found_by_search():
    made, best = constant_loss("other")
    tried = [made.loss(np.full((60, 1), c)) for c in np.linspace(-3, 3, 6001)]
    assert best == pytest.approx(min(tried), rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_unit_of_the_loss_scales_the_constants_loss(kind):
    assert constant_loss(kind, 1e4)[1] == pytest.approx(1e4 * constant_loss(kind)[1], rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_group_of_its_own_for_each_row_scores_nothing(kind):
    made = problem(kind, COLUMNS, TARGETS[kind])
    assert made.loss(grouped(made, np.arange(60))) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_values_of_two_groups_are_those_of_each_group_alone(kind):
    groups = (COLUMNS[:, 0] > 0).astype(int)
    made = problem(kind, COLUMNS, TARGETS[kind])
    together = made.loss(grouped(made, groups))
    shape = made.task.shape
    parts = [
        problem(kind, COLUMNS[groups == g], TARGETS[kind][groups == g], shape=shape) for g in (0, 1)
    ]
    losses = [part.loss(grouped(part, np.zeros(part.rows, int))) for part in parts]
    shares = [part.rows / 60 for part in parts]
    assert together == pytest.approx(np.dot(losses, shares), rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_linear_model_is_at_least_as_good_as_the_constant(kind):
    made, constant = constant_loss(kind)
    assert made.loss(linear(made, COLUMNS)) <= constant


def test_squares_agree_with_the_normal_equations():
    made = problem("squares", COLUMNS, REAL)
    design = np.column_stack([np.ones(60), COLUMNS])
    weights = np.linalg.inv(design.T @ design) @ design.T @ REAL
    assert made.loss(linear(made, COLUMNS)) == pytest.approx(
        ((design @ weights - REAL) ** 2).mean()
    )


def test_absolute_errors_agree_with_linear_programming():
    made = problem("absolute", COLUMNS, REAL)
    design, eye = np.column_stack([np.ones(60), COLUMNS]), np.eye(60)
    found = linprog(
        np.r_[np.zeros(4), np.ones(120)],
        A_eq=np.hstack([design, eye, -eye]),
        b_eq=REAL[:, 0],
        bounds=[(None, None)] * 4 + [(0, None)] * 120,
    )
    assert made.loss(linear(made, COLUMNS)) == pytest.approx(found.fun / 60, rel=1e-3)


@pytest.mark.parametrize("kind", ["binary", "binary_logits"])
def test_cross_entropy_agrees_with_logistic_regression(kind):
    made = problem(kind, COLUMNS, YES)
    model = LogisticRegression(C=1e6, tol=1e-8).fit(COLUMNS, YES[:, 0])
    share = model.predict_proba(COLUMNS)[:, 1:]
    expected = problem("binary", COLUMNS, YES).loss(share)
    assert made.loss(linear(made, COLUMNS)) == pytest.approx(expected, rel=1e-5)


def test_classes_agree_with_multinomial_regression():
    made = problem("classes", COLUMNS, CLASS)
    model = LogisticRegression(C=1e6, tol=1e-8, max_iter=1000).fit(COLUMNS, CLASS)
    expected = made.loss(model.predict_log_proba(COLUMNS))
    assert made.loss(linear(made, COLUMNS)) == pytest.approx(expected, rel=1e-4)


def test_a_separable_problem_ends_near_nothing_and_finite():
    inputs, targets = heart_rate()
    made = problem("binary", inputs, targets)
    loss = made.loss(linear(made, (inputs - inputs.mean()) / inputs.std()))
    assert 0 <= loss < 0.02


def test_a_loss_that_is_no_number_counts_as_infinite():
    made = problem("squares", COLUMNS, REAL)
    assert made.loss(np.full((60, 1), np.nan)) == np.inf


def test_predictions_to_start_from_are_kept_where_no_line_is_better():
    made = problem("squares", COLUMNS, REAL)
    assert np.array_equal(linear(made, COLUMNS, start=REAL), REAL)


def test_the_best_constant_of_absolute_errors_is_the_median():
    made = problem("absolute", COLUMNS, REAL)
    assert grouped(made, np.zeros(60, int))[0, 0] == np.median(REAL)
    assert abs(np.median(REAL) - REAL.mean()) > 1e-3
