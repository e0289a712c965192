"""A signal that learners miss: found by slow and obvious means too, and never in noise."""

import numpy as np
import pytest

from unstuck.theory.hidden import best_shift

ROWS = 200


def pairs(seed, rows=ROWS):
    """Inputs (n, 2) and targets (n, 1) that follow from them."""
    inputs = np.random.default_rng(seed).normal(size=(rows, 2))
    return inputs, np.tanh(2 * inputs[:, :1]) + 0.5 * inputs[:, 1:]


@pytest.mark.parametrize("rows", [1, -1, 7, -60, 100])
def test_a_shift_is_found_with_its_number_of_rows(rows):
    inputs, targets = pairs(0)
    found = best_shift(inputs, np.roll(targets, rows, axis=0))
    assert found is not None and found.clear
    assert found.what % ROWS == rows % ROWS


def test_the_share_at_a_shift_is_that_of_a_least_squares_fit():
    inputs, targets = pairs(1)
    moved = np.roll(targets, 3, axis=0)
    found = best_shift(inputs, moved)
    a, b = inputs.T
    design = np.column_stack([np.ones(ROWS), a, b, a * a, a * b, b * b])
    rest = targets - design @ np.linalg.lstsq(design, targets, rcond=None)[0]
    assert found is not None
    assert found.share == pytest.approx(1 - rest.var() / targets.var(), rel=1e-6)


def test_noise_has_no_shift():
    random = np.random.default_rng(2)
    for _ in range(50):
        found = best_shift(random.normal(size=(ROWS, 3)), random.normal(size=(ROWS, 1)))
        assert found is not None and not found.clear


def test_windows_of_a_series_are_not_told_to_be_misaligned():
    series = np.random.default_rng(3).normal(size=ROWS + 11)
    windows = np.lib.stride_tricks.sliding_window_view(series, 10)[:-1]
    assert best_shift(windows, series[10:, None]) is None


def test_a_slow_series_is_not_told_to_be_misaligned():
    walk = np.random.default_rng(4).normal(size=(ROWS, 1)).cumsum(0)
    assert best_shift(walk, np.roll(walk, 5, axis=0)) is None
