"""The drawing of the ladder: who stands where, and on which scale."""

from __future__ import annotations

import itertools
import math

from hypothesis import given
from hypothesis import strategies as st
from made import ladder

from unstuck.core.diagnosis import RUNGS
from unstuck.report.ladder import Drawing, drawing


def drawn(**more: object) -> Drawing:
    return drawing(ladder(**more), columns=40)


def labels(picture: Drawing) -> list[str]:
    return [row.label for row in picture.rows]


def test_the_run_stands_among_the_rungs_by_its_loss() -> None:
    assert labels(drawn(end=0.19)) == [
        "start",
        "constant",
        "linear",
        "this run",
        "quadratic",
        "goal",
        "learner",
        "floor",
    ]


def test_a_run_that_sits_on_a_rung_stands_below_it() -> None:
    assert labels(drawn(end=0.6786))[1:3] == ["constant", "this run"]


def test_rungs_that_were_not_run_are_not_drawn() -> None:
    assert labels(drawn(rungs={"constant": 0.7, "linear": None})) == [
        "constant",
        "this run",
        "goal",
    ]


def test_the_scale_is_linear_from_zero_where_that_tells_losses_apart() -> None:
    picture = drawn(rungs={"constant": 0.8, "linear": 0.4}, end=0.4, goal=0.2)
    assert not picture.logarithmic
    assert [row.column for row in picture.rows] == [39, 20, 20, 10]


def test_losses_of_many_sizes_make_the_scale_logarithmic() -> None:
    picture = drawn(rungs={"constant": 1.0, "linear": 1e-3, "learner": 1e-5}, end=1.0, goal=1e-5)
    assert picture.logarithmic
    columns = [row.column for row in picture.rows]
    assert columns[0] == 39
    assert columns == sorted(columns, reverse=True)


def test_a_floor_far_below_the_goal_is_not_worth_a_logarithm() -> None:
    assert not drawn(rungs={"constant": 1.0, "floor": 1e-9}, end=1.0, goal=0.1).logarithmic


def test_negative_losses_are_never_drawn_on_a_logarithmic_scale() -> None:
    picture = drawn(rungs={"constant": 1.0, "learner": -900.0}, end=1e-4, goal=-800.0)
    assert not picture.logarithmic
    assert picture.rows[-1].column == 0


def test_a_run_that_is_no_number_stands_on_top_and_off_the_scale() -> None:
    picture = drawn(end=math.nan)
    assert (picture.rows[0].label, picture.rows[0].column) == ("this run", None)


def test_a_run_that_blew_up_leaves_the_other_rungs_their_room() -> None:
    picture = drawn(end=1e30)
    assert picture.rows[0].column is None
    assert picture.rows[1].column == 39


losses = st.floats(1e-12, 1e12)


@given(st.dictionaries(st.sampled_from(RUNGS), losses), losses, losses)
def test_a_larger_loss_never_stands_left_of_a_smaller_one(
    rungs: dict[str, float | None], end: float, goal: float
) -> None:
    rows = drawing(ladder(rungs=rungs, end=end, goal=goal), columns=40).rows
    columns = [math.inf if row.column is None else row.column for row in rows]
    assert all(left >= right for left, right in itertools.pairwise(columns))
