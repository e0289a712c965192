"""The curves of an ensemble, thinned: quartiles, a few members, and what is no number."""

import math

import numpy as np

from unstuck.trial.bundle import POINTS, SINGLE, bundle


def test_quartiles_are_those_of_the_members() -> None:
    losses = np.arange(101.0)[None, ::-1].repeat(2, axis=0)
    made = bundle([0, 9], losses)
    assert (made.low, made.median, made.high) == ((25.0, 25.0), (50.0, 50.0), (75.0, 75.0))


def test_single_curves_reach_from_the_lowest_end_to_the_highest() -> None:
    losses = np.stack([np.ones(33), np.random.default_rng(0).permutation(33.0 + np.arange(33))])
    ends = [member[-1] for member in bundle([0, 1], losses).members]
    assert len(ends) == SINGLE
    assert ends == sorted(ends)
    assert (ends[0], ends[-1]) == (33.0, 65.0)


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    made = bundle(range(10_000), np.random.default_rng(0).random((10_000, 3)))
    assert len(made.steps) == len(made.median) == POINTS
    assert (made.steps[0], made.steps[-1]) == (0, 9_999)


def test_a_loss_that_is_no_number_counts_as_infinite() -> None:
    made = bundle([0], np.array([[1.0, np.nan, np.nan]]))
    assert made.members[0] == (1.0,)
    assert made.median == made.high == (math.inf,)
