"""Every picture is drawn, in both widths, of whatever was measured; and says what to see in it."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import curved, diagnosis, healthy, ladder
from pictured import CELLS, EDGES, histogram, pictured

from unstuck.core.diagnosis import LossSummary
from unstuck.core.pictures import Against, Ahead, Embedding, Pictures, Surface
from unstuck.report.chart.frame import GLYPH, SMALL, spread
from unstuck.report.chart.paint import PAGE
from unstuck.report.chart.scale import Scale, spanning, tick_label
from unstuck.report.page.page import page
from unstuck.report.picture.course import course
from unstuck.report.picture.drawn import every
from unstuck.report.picture.picture import PHONE, WIDE, Picture
from unstuck.report.source import Source

ODD = {
    "probabilities": {"against": Against("yes-no", parted=(histogram("no"), histogram("yes")))},
    "classes": {"against": Against("classes", confusion=((3, 1), (0, 0)))},
    "regions": {"surface": Surface("classes", EDGES, EDGES, ((0.0, 1.0, 2.0),) * 3, CELLS, ((2.0,) * 3,) * 3)},
    "heights": {"surface": Surface("number", EDGES, EDGES, ((5.0, 5.0, math.nan),) * 3, CELLS, ((5.0,) * 3,) * 3)},
    "a map of numbers": {"embedding": Embedding("number", ((0.0, 0.0), (1.0, 1.0)), (3.0, 3.0), 2)},
    "answers that are no numbers": {"along": dataclasses.replace(pictured().along, answer=(math.nan,) * 3)},  # type: ignore[type-var]
    "no quartiles": {"along": dataclasses.replace(pictured().along, low=(), high=())},  # type: ignore[type-var]
    "no forecast": {"ahead": Ahead(math.inf, math.inf, math.inf, "by renewed tangent kernels", 0.4)},
    "far ahead": {"ahead": Ahead(1e6, 1e7, math.inf, "by continuing its curve")},
    "nothing": {name: value for name, value in dataclasses.asdict(Pictures()).items() if name != "left_out"},
}  # fmt: skip


def drawings(found: Pictures) -> list[tuple[Picture, float, str]]:
    return [
        (one, width, str(one.draw(width, PAGE)))
        for one in every(curved(), found)
        for width in (one.width, PHONE)
    ]


@pytest.mark.parametrize("name", ["all", *ODD])
def test_a_picture_is_an_svg_of_its_width_without_odd_numbers(name: str) -> None:
    for one, width, drawn in drawings(pictured(**ODD.get(name, {}))):
        assert ElementTree.fromstring(drawn).attrib["width"] == f"{width:g}", one.key
        numbers = re.findall(r' (?:x|y|x1|x2|y1|y2|cx|cy|r|width|height|d)="([^"]*)"', drawn)
        assert not re.search("nan|inf", " ".join(numbers)), one.key


def test_every_word_of_a_picture_lies_within_it() -> None:
    for one, width, drawn in drawings(pictured()):
        for text in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text"):
            x, words = float(text.attrib["x"]), "".join(text.itertext())
            long = 6.2 * len(words)
            anchor = text.attrib.get("text-anchor", "start")
            left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * long
            assert left > -4, (one.key, words)
            assert left + long < width + 4, (one.key, width, words)


def test_captions_and_descriptions_are_sentences() -> None:
    for one in every(curved(), pictured()):
        assert not one.caption[0].islower() and one.caption.endswith("."), one.key
        assert one.said.endswith("."), one.key


def test_the_page_lists_what_it_embeds_and_what_it_leaves_out() -> None:
    told = page(curved(), Source(), pictures=pictured(left_out={"a map": "too few rows"}))
    assert "Answers against targets (output 1 of 2): counts of rows in bins." in told
    assert "No rows of the data." in told
    assert "Too few rows." in told


def test_rows_are_in_the_page_only_where_they_were_asked_for() -> None:
    rows = (("row", "input 1"), ("17", "0.123456"))
    assert "0.123456" in page(curved(), Source(), pictures=pictured(rows=rows))
    assert "Rows of the data, as asked for" in page(
        curved(), Source(), pictures=pictured(rows=rows)
    )
    assert "0.123456" not in page(curved(), Source(), pictures=pictured())


def test_a_picture_that_cannot_be_drawn_is_left_out_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = dataclasses.replace(pictured().along, low=(0.1,))  # type: ignore[type-var]
    monkeypatch.delenv("UNSTUCK_RAISE", raising=False)
    told = page(curved(), Source(), pictures=pictured(along=broken))
    assert "Drawing it failed: ValueError" in told
    assert "Answers against targets" in told


def test_a_forecast_is_said_and_drawn() -> None:
    bare, told = course(diagnosis()), course(diagnosis(), pictured().ahead)
    assert bare is not None and told is not None
    assert "900 to 1,100 more steps to the goal (by its tangent kernel)" in told.caption
    assert "more steps" not in bare.caption
    assert told.draw(WIDE, PAGE).count("<path") > bare.draw(WIDE, PAGE).count("<path")


def test_a_curve_that_cannot_be_compared_is_drawn_without_the_ladder() -> None:
    loss = dataclasses.replace(diagnosis().loss, comparable=False)  # type: ignore[type-var]
    drawn = course(diagnosis(loss=loss))
    assert drawn is not None
    assert "constant" not in drawn.draw(WIDE, PAGE)
    assert ("constant", "0.6786") in drawn.table


@pytest.mark.parametrize("end", [math.nan, math.inf, 1e30])
def test_a_loss_that_runs_away_is_drawn(end: float) -> None:
    curve = ((0, 1.0), (1, 50.0), (2, 1e9), (3, end))
    made = diagnosis(loss=LossSummary("mse", 1.0, end, 500, curve))
    drawn = course(made)
    assert drawn is not None
    said = str(drawn.draw(WIDE, PAGE))
    assert ("no number from here on" in said) == (not math.isfinite(end))
    assert ("From about step 3" in drawn.caption) == (not math.isfinite(end))


def test_a_run_of_one_step_and_one_without_numbers_are_drawn() -> None:
    for curve in (((0, 0.5),), ((0, math.nan), (1, math.nan))):
        loss = LossSummary("mse", curve[0][1], curve[-1][1], len(curve), curve)
        drawn = course(healthy(loss=loss))
        assert drawn is not None
        ElementTree.fromstring(str(drawn.draw(PHONE, PAGE)))


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0)), (0.0, 10.0, (0.0, 2.5, 5.0, 7.5, 10.0)), (-3.0, 3.0, (-2.0, 0.0, 2.0))],
)  # fmt: skip
def test_ticks_are_round(low: float, high: float, ticks: tuple[float, ...]) -> None:
    assert Scale(low, high, 0.0, 100.0).ticks(4) == ticks


def test_logarithmic_ticks_are_powers_of_ten() -> None:
    assert Scale(0.02, 300.0, 0.0, 1.0, True).ticks(5) == (0.1, 1.0, 10.0, 100.0)


@pytest.mark.parametrize(
    ("value", "pixel"),
    [(-1.0, 0.0), (0.5, 50.0), (2.0, 100.0), (math.inf, 100.0), (-math.inf, 0.0)],
)
def test_what_lies_beyond_stands_at_the_edge(value: float, pixel: float) -> None:
    assert Scale(0.0, 1.0, 0.0, 100.0)(value) == pixel


def test_huge_numbers_have_a_place() -> None:
    assert Scale(-1.7e308, 1.7e308, 0.0, 100.0)(0.0) == 50.0
    assert spanning([math.nan]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("value", "label"), [(12_000.0, "12k"), (3e6, "3M"), (-0.5, "−0.5"), (2_000.0, "2,000")]
)
def test_long_numbers_are_short_at_an_axis(value: float, label: str) -> None:
    assert tick_label(value) == label


def test_labels_are_moved_apart_and_stay_within() -> None:
    moved: Any = spread([10.0, 11.0, 99.0, 100.0], 15.0, 0.0, 100.0)
    assert all(b - a >= 15.0 for a, b in itertools.pairwise(moved))
    assert moved[-1] == 100.0


numbers = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(numbers, min_size=1, max_size=12),
    st.none() | numbers,
    st.dictionaries(st.sampled_from(list(ladder().rungs)), st.none() | numbers),
)
def test_whatever_losses_a_run_has_they_are_drawn(
    losses: list[float], goal: float | None, rungs: dict[str, float | None]
) -> None:
    curve = tuple(enumerate(losses))
    loss = LossSummary("mse", losses[0], losses[-1], len(losses), curve)
    made = curved(
        loss=loss, ladder=ladder(goal=goal, end=losses[-1], rungs={**ladder().rungs, **rungs})
    )
    for one in every(made, None):
        for width in (WIDE, PHONE):
            drawn = str(one.draw(width, PAGE))
            ElementTree.fromstring(drawn)
            assert not re.search(r'="[^"a-z]*(nan|inf)', drawn)


@pytest.mark.parametrize("steps", [300, 10_000, 123_456, 5_000_000])
@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_the_numbers_of_an_axis_do_not_touch(steps: int, width: float) -> None:
    curve = tuple((step, 0.7) for step in range(0, steps, max(1, steps // 50)))
    made = course(diagnosis(loss=LossSummary("BCELoss", 0.7, 0.7, steps, curve)), None)
    assert made is not None
    drawn = ElementTree.fromstring(made.draw(width, PAGE))
    words = [one for one in drawn.iter() if one.tag.endswith("text") and one.text]
    row = max(float(one.attrib["y"]) for one in words if one.text == "updates") - 17
    placed = sorted(
        (float(one.attrib["x"]), len(one.text or "") * SMALL * GLYPH)
        for one in words
        if float(one.attrib["y"]) == row
    )
    assert placed
    for (left, before), (right, after) in itertools.pairwise(placed):
        assert right - left > (before + after) / 2
