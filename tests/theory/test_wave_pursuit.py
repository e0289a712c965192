"""Waves in targets: found where they are, judged by rows left out, and none found in noise."""

import numpy as np
import pytest

from unstuck.theory.waves import candidates, continued, waves

EVEN = np.linspace(-1, 1, 600)[:, None]
UNEVEN = np.random.default_rng(1).uniform(-1, 1, size=(600, 1))


def periodogram(x, y, frequencies):
    """The share of the variance that a wave explains by least squares, one frequency after another."""
    shares = []
    for f in frequencies:
        phase = 2 * np.pi * f * (x[:, 0] - x.min()) / np.ptp(x)
        columns = np.column_stack([np.ones(len(x)), x, np.sin(phase), np.cos(phase)])
        left = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
        shares.append(1 - left.var() / y.var())
    return np.array(shares)


@pytest.mark.parametrize("x", [EVEN, UNEVEN], ids=["even", "uneven"])
def test_a_wave_is_found_where_the_slow_periodogram_has_its_peak(x):
    y = np.sin(60 * x) + 0.3 * np.random.default_rng(2).normal(size=x.shape)
    frequencies = np.arange(0.25, 150, 0.05)
    shares = periodogram(x, y, frequencies)
    found = waves(x, y)
    assert found.cycles[0, 0] == pytest.approx(frequencies[shares.argmax()], abs=0.1)
    assert found.explained[0] == pytest.approx(shares.max(), abs=0.05)


def test_waves_are_told_apart_strongest_first():
    y = np.sin(60 * EVEN) + 0.5 * np.sin(150 * EVEN + 1)
    found = waves(EVEN, y)
    assert found.cycles[:, 0] == pytest.approx([60 / np.pi, 150 / np.pi], abs=0.1)
    assert found.explained == pytest.approx([0.8, 1.0], abs=0.03)


def test_a_wave_that_dies_away_is_one_wave():
    found = waves(EVEN, np.sin(120 * EVEN) * np.exp(-EVEN))
    assert found.cycles[:, 0] == pytest.approx([120 / np.pi], abs=0.3)
    assert found.explained[-1] > 0.9


def test_a_wave_runs_across_two_inputs():
    x = np.random.default_rng(3).uniform(size=(1500, 2)) * [2.0, 5.0]
    found = waves(x, np.sin(20 * x[:, :1] - 6 * x[:, 1:]))
    assert found.cycles[0] * [1, 1] == pytest.approx([20 / np.pi, -30 / (2 * np.pi)], abs=0.15)
    assert found.explained[0] > 0.95


@pytest.mark.parametrize("width", [1, 2, 3])
def test_noise_has_no_wave(width):
    found = waves(
        np.random.default_rng(4).uniform(size=(500, width)),
        np.random.default_rng(5).normal(size=(500, 1)),
    )
    assert len(found.cycles) == 0


def test_a_parabola_is_smooth():
    found = waves(UNEVEN, UNEVEN**2)
    assert found.smooth == pytest.approx(1.0)
    assert found.line < 0.05


def test_targets_that_never_vary_have_no_wave():
    found = waves(EVEN, np.ones_like(EVEN))
    assert (len(found.cycles), found.smooth) == (0, 0.0)


def test_an_input_that_never_varies_has_no_wave_along_it():
    x = np.column_stack([EVEN, np.full(len(EVEN), 7.0)])
    found = waves(x, np.sin(60 * EVEN))
    assert found.cycles[:, 1] == pytest.approx(0)


def test_no_wave_is_faster_than_a_quarter_of_the_rows():
    assert candidates(EVEN).max() == 150
    assert candidates(np.linspace(0, 1, 8000)[:, None]).max() == 1000
    assert candidates(np.repeat(np.linspace(0, 1, 20), 30)[:, None]).max() == 5


def test_ripples_around_a_point_are_waves_in_several_directions():
    x = np.random.default_rng(6).uniform(-1, 1, size=(3000, 2))
    found = waves(x, np.sin(25 * np.linalg.norm(x, axis=1, keepdims=True)))
    assert found.explained[-1] > 0.7
    assert np.linalg.norm(found.cycles, axis=1) == pytest.approx(25 / np.pi, abs=0.7)


def test_waves_go_on_over_rows_that_were_left_out():
    x = np.random.default_rng(7).uniform(-1, 1, size=(800, 2)) * [3, 5]
    y = 2 + x[:, :1] + np.sin(9 * x[:, :1] + 2 * x[:, 1:])
    made = continued(x[:600], y[:600], x[600:])
    assert np.square(made - y[600:]).mean() < 0.02
