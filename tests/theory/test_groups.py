"""Groups of equal rows against comparing every pair."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unstuck.theory import equal_rows

small = arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 6)),
    elements=st.sampled_from([0.0, -0.0, 1.0, 2.5]),
)


def same_partition(one, other):
    return np.array_equal(one[:, None] == one, other[:, None] == other)


def every_pair(values, tolerance):
    """Groups by linking every pair of rows closer than the tolerance, until nothing changes."""
    labels = np.arange(len(values))
    for _ in values:
        for i, a in enumerate(values):
            for j, b in enumerate(values):
                if np.abs(a - b).max() <= tolerance:
                    labels[i] = labels[j] = min(labels[i], labels[j])
    return labels


@given(small)
def test_exactly_equal_rows_are_those_whose_every_pair_is_equal(values):
    assert same_partition(equal_rows(values), every_pair(values, 0.0))


@given(small, st.integers(0, 99))
def test_rows_that_differ_by_rounding_are_one_row(values, seed):
    noise = np.random.default_rng(seed).uniform(-1, 1, values.shape) * 1e-9
    assert same_partition(equal_rows(values + noise, tolerance=1e-6), every_pair(values, 0.0))


@given(small, st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(values, seed):
    order = np.random.default_rng(seed).permutation(len(values))
    assert same_partition(equal_rows(values, tolerance=1e-6)[order], equal_rows(values[order]))


@given(small)
def test_groups_are_numbered_without_gaps(values):
    for tolerance in (0.0, 1e-6):
        groups = equal_rows(values, tolerance=tolerance)
        assert set(groups.tolist()) == set(range(groups.max() + 1))


def test_rows_without_columns_are_all_the_same():
    assert equal_rows(np.empty((5, 0))).max() == 0


def test_rows_a_hundred_tolerances_apart_are_different_rows():
    values = np.arange(50.0)[:, None] * 1e-4 + np.zeros((1, 5))
    assert equal_rows(values, tolerance=1e-6).max() == 49


def test_a_dense_row_of_points_is_not_chained_into_one_group():
    values = np.arange(100.0)[:, None]
    groups = equal_rows(values, tolerance=2.0)
    widths = [np.ptp(values[groups == g]) for g in range(groups.max() + 1)]
    assert max(widths) <= 2 and groups.max() > 30
