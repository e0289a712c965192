"""The curve as a line of blocks: as high as the ladder says, in what the stream can show."""

from __future__ import annotations

import math

import pytest
from made import ladder

from unstuck.core.diagnosis import LossSummary
from unstuck.report.marks import ASCII, UNICODE
from unstuck.report.sparkline import sparkline

FALLING = tuple((step, 0.74 * (1 - step / 100)) for step in range(100))


def drawn(
    curve: tuple[tuple[int, float], ...], *, marks=UNICODE, columns: int = 8, **more: object
) -> str:  # type: ignore[no-untyped-def]
    return sparkline(
        LossSummary("mse", 1.0, 0.0, 100, curve, **more), ladder(), marks, columns=columns
    )  # type: ignore[arg-type]


def test_a_curve_that_falls_to_zero_takes_every_height() -> None:
    assert drawn(FALLING) == "█▇▆▅▄▃▂▁"
    assert drawn(FALLING, marks=ASCII) == "@#*+=-._"


def test_a_curve_that_stays_at_the_constant_is_flat_and_high() -> None:
    assert drawn(tuple((step, 0.6786) for step in range(100))) == "▇" * 8


def test_what_is_no_number_has_a_sign_of_its_own() -> None:
    curve = tuple((step, 0.7 if step < 50 else math.nan) for step in range(100))
    assert drawn(curve) == "███" + "█" + "××××"
    assert drawn(curve, marks=ASCII).isascii()


def test_a_loss_beyond_the_scale_is_as_high_as_can_be() -> None:
    assert drawn(tuple((step, math.inf) for step in range(100))) == "█" * 8


@pytest.mark.parametrize("columns", [8, 30, 40])
def test_a_curve_of_few_points_fills_the_line(columns: int) -> None:
    assert len(drawn(FALLING[::10], columns=columns)) == columns


def test_a_short_curve_and_one_of_another_loss_are_left_out() -> None:
    assert drawn(FALLING[:7]) == ""
    assert drawn(FALLING, comparable=False) == ""
