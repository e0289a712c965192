"""What counts as learned: the reference that each kind of data is measured against."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from theory_problems import XNOR_INPUTS, XNOR_TARGETS, heart_rate, problem

from unstuck.theory import Ladder, goal, ladder
from unstuck.theory.learners import Score


def rungs(*, constant=1.0, floor=0.0, learner=None, error=0.0, rows=100, groups=100, allowance=0.0):
    score = None if learner is None else Score("trees", learner, error, error, rows)
    losses = {"constant": constant, "floor": floor, "learner": learner}
    reasons = {} if score else {"learner": "not asked for"}
    return Ladder(losses, reasons, rows, groups, allowance, score, None)


def test_few_distinct_rows_are_to_be_learned_by_heart():
    found = goal(ladder(problem("binary", XNOR_INPUTS, XNOR_TARGETS)))
    assert found.basis == "memorising"
    assert found.loss == pytest.approx(0.1 * np.log(2))


def test_many_distinct_rows_are_to_be_learned_as_well_as_a_learner_predicts_unseen_ones():
    found = goal(rungs(learner=0.3))
    assert (found.basis, found.reference) == ("learner", 0.3)
    assert found.loss == pytest.approx(0.37)


def test_repeated_inputs_are_to_be_learned_down_to_their_conditional_mean():
    found = goal(rungs(floor=0.5, allowance=0.02, groups=10))
    assert found.basis == "floor"
    assert found.loss == pytest.approx(1 - 0.9 * 0.48)


def straight(linear, learner, **more):
    made = rungs(learner=learner, **more)
    return dataclasses.replace(made, losses=made.losses | {"linear": linear}, straight=True)


def test_a_straight_line_has_not_learned_what_plainly_bends():
    found = goal(straight(0.06, 0.002))
    assert found.loss == pytest.approx(0.031) and found.reference == 0.002
    assert "closing 50% of the gap between the best linear model (0.06)" in found.why


@pytest.mark.parametrize(("linear", "learner"), [(0.06, 0.007), (0.5, 0.002), (0.05, 0.06)])
def test_a_line_that_leaves_little_or_too_much_is_no_goal(linear, learner):
    found = goal(straight(linear, learner))
    assert found.loss == pytest.approx(1 - 0.9 * (1 - learner)) and "constant" in found.why


def test_logits_have_no_best_line():
    made = dataclasses.replace(straight(0.06, 0.002), straight=False)
    assert goal(made).loss == pytest.approx(1 - 0.9 * 0.998)


def test_a_learner_below_the_conditional_mean_with_its_allowance_is_the_better_reference():
    assert goal(rungs(floor=0.5, allowance=0.1, groups=10, learner=0.55)).reference == 0.55


def test_learning_noise_by_heart_is_no_goal_where_there_are_many_rows():
    random = np.random.default_rng(0)
    made = problem("squares", random.normal(size=(200, 3)), random.normal(size=(200, 1)))
    found = goal(ladder(made))
    assert found.loss is None and found.why.startswith("nothing to learn")


def test_from_rows_that_are_all_alike_nothing_is_to_be_learned_and_the_reason_is_given():
    found = goal(rungs(floor=1.0, groups=1))
    assert found.loss is None
    assert found.why.startswith("nothing to learn: all 100 rows have the same inputs")


def test_a_gap_within_two_of_its_errors_is_no_goal():
    assert goal(rungs(learner=0.9, error=0.06)).loss is None
    assert goal(rungs(learner=0.9, error=0.04)).loss is not None


def test_a_gap_below_two_percent_is_no_goal():
    assert goal(rungs(learner=0.985)).loss is None


def test_without_a_learner_many_distinct_rows_have_no_goal_and_the_reason_is_given():
    found = goal(rungs())
    assert found.loss is None and found.why == "not asked for"


def test_a_constant_without_loss_leaves_nothing_to_learn():
    found = goal(rungs(constant=0.0, learner=0.0))
    assert found.loss is None and "no loss at all" in found.why


def test_the_goal_of_a_threshold_task_is_a_tenth_of_its_entropy_or_little_more():
    for digits in (0, 1, 9):
        made = ladder(problem("binary", *heart_rate(digits=digits)))
        assert 0.09 < goal(made).loss / made.constant < 0.13


@given(st.floats(0.1, 10), st.floats(0, 0.97), st.integers(2, 500))
def test_a_goal_lies_a_tenth_of_the_way_from_reference_to_constant(constant, share, rows):
    found = goal(
        rungs(constant=constant, floor=0.0, learner=share * constant, rows=rows, groups=rows)
    )
    assert found.loss - found.reference == pytest.approx(0.1 * (constant - found.reference))


@given(st.floats(0.01, 100), st.floats(0, 0.9))
def test_the_unit_of_the_loss_scales_the_goal(unit, learner):
    one, other = goal(rungs(learner=learner)), goal(rungs(constant=unit, learner=unit * learner))
    assert other.loss == pytest.approx(unit * one.loss)


def test_why_names_both_ends_of_the_gap():
    why = goal(rungs(learner=0.3)).why
    assert "closing 90%" in why and "(1)" in why and "0.3, the loss of trees on unseen rows" in why


def test_why_tells_when_a_learner_was_judged_on_a_sample():
    base = rungs(learner=0.3, error=0.01)
    why = goal(dataclasses.replace(base, rows=5000, groups=5000)).why
    assert why.endswith("trees on unseen rows (a sample of 100, to within 0.02)")


def test_a_floor_that_could_not_be_found_is_no_goal_for_few_rows():
    base = rungs(rows=10, groups=10)
    made = dataclasses.replace(
        base, losses={**base.losses, "floor": None}, reasons={"floor": "no lowest value"}
    )
    found = goal(made)
    assert found.loss is None and found.why == "no lowest value"
