"""What a trial costs by counting, and how large an ensemble the budget affords."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from setups import changed, perceptron

from unstuck.trial.cost import MIN_MEMBERS, affordable, fewer_rows, longest, rounded, seconds

some = settings(max_examples=60, deadline=None)


@some
@given(
    width=st.integers(1, 300),
    rows=st.integers(1, 3000),
    steps=st.integers(1, 10**6),
    members=st.integers(1, 500),
    factor=st.integers(2, 20),
)
def test_more_of_anything_costs_more(width, rows, steps, members, factor):
    setup = perceptron((3, width, 1), rows=rows, steps=steps)
    cost = seconds(setup, members)
    assert cost > 0
    assert seconds(setup, members * factor) > cost
    assert seconds(changed(setup, plan_steps=steps * factor), members) > cost
    assert seconds(setup, members, steps * factor) > cost
    assert seconds(perceptron((3, width * factor, 1), rows=rows, steps=steps), members) > cost


def worth(size):
    """How much of an ensemble is afforded: rows first, then members."""
    if size is None:
        return (0, 0, 0)
    return (10**9 if size.rows is None else size.rows, size.confirm, size.search)


@some
@given(
    width=st.integers(1, 500),
    rows=st.integers(1, 5000),
    steps=st.integers(1, 10**6),
    members=st.integers(1, 256),
    budget=st.floats(1e-4, 1e3),
    factor=st.floats(1.0, 50.0),
)
def test_more_time_affords_no_smaller_an_ensemble(width, rows, steps, members, budget, factor):
    setup = perceptron((3, width, 1), rows=rows, steps=steps)
    less, more = affordable(setup, members, budget), affordable(setup, members, budget * factor)
    assert worth(more)[:2] >= worth(less)[:2]
    for size in (less, more):
        if size is not None:
            assert min(MIN_MEMBERS, members) <= size.confirm <= members
            assert size.search <= size.confirm or size.search <= MIN_MEMBERS


@some
@given(members=st.integers(1, 256), few=st.integers(1, 1000), factor=st.integers(1, 50))
def test_a_longer_run_affords_no_larger_an_ensemble(members, few, factor):
    short = affordable(perceptron(rows=500, steps=few), members, 1.0)
    long = affordable(perceptron(rows=500, steps=few * factor), members, 1.0)
    assert worth(long)[:2] <= worth(short)[:2]


def test_a_run_that_is_far_too_long_is_not_afforded():
    assert affordable(perceptron((3, 5000, 1), rows=4000, steps=10**7), 64, 4.0) is None


def test_rows_are_given_up_before_nothing_is_tried():
    setup = perceptron((3, 400, 1), rows=20_000, steps=200)
    size = affordable(setup, 64, 4.0)
    assert size is not None
    assert size.rows in {1024, 512, 256}


def test_fewer_rows_are_some_of_the_rows():
    setup = perceptron(rows=50)
    cut = fewer_rows(setup, 20)
    assert (cut.data.count, cut.plan.batch, cut.plan.first, cut.data.complete) == (
        20,
        20,
        (),
        False,
    )
    whole = {tuple(row) for row in setup.data.rows[100].tolist()}
    assert {tuple(row) for row in cut.data.rows[100].tolist()} < whole
    pairs = dict(
        zip(map(tuple, setup.data.rows[100].tolist()), setup.data.rows[101].tolist(), strict=True)
    )
    assert all(
        pairs[tuple(x)] == y
        for x, y in zip(cut.data.rows[100].tolist(), cut.data.rows[101].tolist(), strict=True)
    )


@pytest.mark.parametrize(
    "setup", [perceptron(rows=20), perceptron(rows=50, batch=5, order="epochs")]
)
def test_small_data_and_mini_batches_keep_their_rows(setup):
    assert fewer_rows(setup, 20) is setup
    assert fewer_rows(setup, None) is setup


@pytest.mark.parametrize(("steps", "most"), [(1, 20_000), (5000, 20_000), (50_000, 50_000)])
def test_a_trial_is_at_most_twenty_thousand_steps_or_as_long_as_the_run(steps, most):
    assert longest(perceptron(steps=steps)) == most


@pytest.mark.parametrize(
    ("value", "up"),
    [(1, 1), (1.01, 2), (2, 2), (2.1, 5), (5, 5), (5.01, 10), (10, 10), (0.3, 0.5), (0.011, 0.02),
     (999, 1000), (1e-7, 1e-7), (3e8, 5e8)],
)  # fmt: skip
def test_numbers_are_rounded_up_to_one_two_or_five(value, up):
    assert rounded(value) == pytest.approx(up, rel=1e-12)


@given(st.floats(1e-9, 1e9))
def test_a_rounded_number_is_no_smaller_and_less_than_two_and_a_half_times_as_large(value):
    up = rounded(value)
    assert value * (1 - 1e-8) <= up <= value * 2.5 * (1 + 1e-8)
    assert rounded(up) == pytest.approx(up, rel=1e-9)
    digits = up / 10.0 ** np.floor(np.log10(up) + 1e-9)
    assert digits == pytest.approx(round(digits))
