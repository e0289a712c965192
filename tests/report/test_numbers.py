"""Numbers and times as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unstuck.report.numbers import duration, number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.693147, "0.6931"),
        (41.5, "41.5"),
        (64.0, "64"),
        (999.96, "1,000"),
        (75_000.4, "75,000"),
        (0.000123456, "0.0001235"),
        (1.2e-5, "1.2e-5"),
        (-0.5, "-0.5"),
        (3e30, "3e30"),
        (math.inf, "inf"),
        (math.nan, "nan"),
    ],
)
def test_a_number_is_as_short_as_it_may_be(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_first_digits(value: float) -> None:
    assume(1e-300 < abs(value) < 1e300)
    assert float(number(value).replace(",", "")) == pytest.approx(value, rel=6e-4)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (9.96, "10 s"), (61.0, "61 s"), (180.0, "3 min"), (7500.0, "2 h 5 min")],
)
def test_a_time_is_told_in_its_own_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text
