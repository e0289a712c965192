"""Intervals against sums over the binomial distribution, published numbers and simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.theory import lower_bound, paired_difference, share_interval
from unstuck.theory.interval import wilson


def at_least(successes, of, share):
    """Probability of `successes` or more of `of`, summed term by term."""
    terms = range(successes, of + 1)
    return sum(math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in terms)


counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_the_interval_contains_the_observed_share(count):
    successes, of = count
    low, high = share_interval(successes, of)
    assert 0 <= low <= successes / of <= high <= 1


@given(counts)
def test_at_the_lower_end_so_many_successes_have_probability_one_fortieth(count):
    successes, of = count
    low, _ = share_interval(successes, of)
    if successes:
        assert at_least(successes, of, low) == pytest.approx(0.025, rel=1e-6)


@given(counts)
def test_the_interval_of_failures_mirrors_that_of_successes(count):
    successes, of = count
    low, high = share_interval(successes, of)
    assert share_interval(of - successes, of) == pytest.approx((1 - high, 1 - low))


@given(counts)
def test_the_one_sided_bound_lies_above_the_two_sided_one(count):
    assert lower_bound(*count) >= share_interval(*count)[0]


def test_all_of_64_successes_bound_the_share_by_the_64th_root():
    assert lower_bound(64, 64) == pytest.approx(0.05 ** (1 / 64))


def test_nothing_tried_leaves_the_share_open():
    assert share_interval(0, 0) == (0.0, 1.0)


def test_more_successes_than_trials_are_refused():
    with pytest.raises(ValueError, match="5 successes of 4"):
        share_interval(5, 4)


def test_the_exact_interval_covers_the_share_at_least_as_often_as_it_says():
    share, of = 0.3, 20
    probability = [math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(of + 1)]
    covered = [low <= share <= high for low, high in (share_interval(k, of) for k in range(of + 1))]
    assert sum(p for p, yes in zip(probability, covered, strict=True) if yes) >= 0.95


def pairs(both, gained, lost, neither):
    first = [True] * both + [False] * gained + [True] * lost + [False] * neither
    second = [True] * (both + gained) + [False] * (lost + neither)
    return first, second


def newcombe_by_hand(both, gained, lost, neither):
    """Method 10 written from the paper's formulas, second minus first."""
    n = both + gained + lost + neither
    p1, p2 = (both + gained) / n, (both + lost) / n
    l1, u1 = wilson(both + gained, n)
    l2, u2 = wilson(both + lost, n)
    a = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    b = both * neither - gained * lost
    c = b - n / 2 if b > n / 2 else (b if b < 0 else 0)
    phi = c / math.sqrt(a) if a else 0
    low = p1 - p2 - math.sqrt((p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2)
    high = p1 - p2 + math.sqrt((p2 - l2) ** 2 - 2 * phi * (p2 - l2) * (u1 - p1) + (u1 - p1) ** 2)
    return low, high


tables = st.tuples(*[st.integers(0, 30)] * 4).filter(lambda t: sum(t) > 0)


@given(tables)
def test_the_paired_interval_is_newcombes_tenth_method(table):
    found = paired_difference(*pairs(*table))
    assert (found.low, found.high) == pytest.approx(newcombe_by_hand(*table), abs=1e-9)


@given(tables)
def test_the_paired_interval_contains_the_effect_and_stays_within_one(table):
    found = paired_difference(*pairs(*table))
    assert -1 - 1e-12 <= found.low <= found.effect <= found.high <= 1 + 1e-12


@given(tables)
def test_swapping_the_arms_flips_the_sign(table):
    first, second = pairs(*table)
    there, back = paired_difference(first, second), paired_difference(second, first)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_wilsons_interval_solves_the_score_equation():
    z = 1.959963984540054
    for bound in wilson(7, 25):
        assert abs(7 / 25 - bound) / math.sqrt(bound * (1 - bound) / 25) == pytest.approx(z)


def test_the_paired_interval_covers_the_true_difference_about_as_often_as_it_says():
    random = np.random.default_rng(0)
    chances = [0.35, 0.3, 0.1, 0.25]  # both, gained, lost, neither
    drawn = random.multinomial(40, chances, size=1000)
    found = [paired_difference(*pairs(*row)) for row in drawn.tolist()]
    covered = np.mean([one.low <= 0.2 <= one.high for one in found])
    assert 0.93 <= covered <= 0.98


def test_without_pairs_nothing_is_known():
    found = paired_difference([], [])
    assert (found.low, found.high) == (-1.0, 1.0) and not found.clear_of_none


def test_arms_of_different_length_cannot_be_paired():
    with pytest.raises(ValueError, match="3 results cannot be paired with 2"):
        paired_difference([True] * 3, [True] * 2)


def test_a_cure_of_all_is_clear_of_none_and_no_change_is_not():
    assert paired_difference([False] * 20, [True] * 20).clear_of_none
    assert not paired_difference([True, False] * 10, [True, False] * 10).clear_of_none
