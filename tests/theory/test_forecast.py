"""Forecasts of curves whose law, and so whose future, is known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.theory import forecast

STEPS = np.arange(400.0)


def within(found, truth, factor=1.0):
    return found.low / factor <= truth <= found.high * factor


@settings(deadline=None, max_examples=40)
@given(st.floats(0.3, 6.0), st.floats(0.05, 0.9))
def test_an_exponential_decay_is_continued_to_where_it_goes(rate, share):
    speed = rate / 400
    losses = np.exp(-speed * STEPS)
    target = share * losses[-1]
    truth = -math.log(target) / speed - 399
    assert within(forecast(STEPS, losses, target), truth, 1.1)


@settings(deadline=None, max_examples=40)
@given(st.floats(0.3, 2.0), st.floats(0.4, 0.9))
def test_a_power_law_is_continued_to_where_it_goes(power, share):
    losses = (STEPS + 10) ** -power
    target = share * losses[-1]
    truth = target ** (-1 / power) - 10 - 399
    assert within(forecast(STEPS, losses, target), truth, 1.25)


def test_a_curve_that_tends_to_a_limit_above_the_target_never_gets_there():
    losses = 0.5 + np.exp(-STEPS / 60)
    assert forecast(STEPS, losses, 0.4).plateau


def test_a_flat_noisy_curve_is_a_plateau():
    losses = 0.69 + 0.01 * np.random.default_rng(0).normal(size=400)
    assert forecast(STEPS, losses, 0.5).plateau


def test_a_rising_curve_is_a_plateau():
    assert forecast(STEPS, 0.5 + STEPS / 400, 0.4).plateau


def test_noise_widens_the_range_but_keeps_the_truth_in_it():
    hits = 0
    for seed in range(40):
        noise = 1 + 0.05 * np.random.default_rng(seed).normal(size=400)
        found = forecast(STEPS, np.exp(-STEPS / 200) * noise, 0.05)
        hits += within(found, -200 * math.log(0.05) - 399, 1.2)
    assert hits >= 36


def test_a_target_already_met_needs_no_more_steps():
    found = forecast(STEPS, np.exp(-STEPS / 50), 0.1)
    assert (found.low, found.median, found.high) == (0, 0, 0)


def test_a_few_points_cannot_be_continued():
    assert forecast(np.arange(3.0), np.array([3.0, 2.0, 1.0]), 0.5).plateau


def test_values_that_are_no_numbers_are_passed_over():
    losses = np.exp(-STEPS / 200)
    holes = np.where(STEPS % 7 == 3, np.nan, losses)
    assert forecast(STEPS, holes, 0.05).median == pytest.approx(
        forecast(STEPS, losses, 0.05).median, rel=0.05
    )


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_the_units_of_time_and_loss_do_not_matter(seed, unit):
    noise = 1 + 0.02 * np.random.default_rng(seed).normal(size=400)
    losses = np.exp(-STEPS / 300) * noise
    one, other = forecast(STEPS, losses, 0.1), forecast(STEPS * 7, losses * unit, 0.1 * unit)
    assert (other.low, other.median) == pytest.approx((7 * one.low, 7 * one.median), rel=1e-6)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000))
def test_the_range_is_in_order(seed):
    losses = np.cumsum(np.random.default_rng(seed).normal(-0.01, 0.1, 200))
    found = forecast(np.arange(200.0), losses, losses[-1] - 1, lowest=-1e3)
    assert 0 <= found.low <= found.median <= found.high


def test_nothing_is_forecast_below_the_lowest_loss_there_is():
    losses = 1 - STEPS / 1000
    assert forecast(STEPS, losses, 0.5, lowest=0.55).plateau
    assert not forecast(STEPS, losses, 0.5, lowest=0.0).plateau


def test_several_laws_that_describe_a_noisy_curve_about_as_well_make_a_range():
    noise = 1 + 0.03 * np.random.default_rng(3).normal(size=400)
    found = forecast(STEPS, np.exp(-STEPS / 300) * noise, 0.05)
    assert found.high > 2 * found.low
