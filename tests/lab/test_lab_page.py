"""The page of a study: one offline file, in which every cell stands with its interval."""

import re

import pytest

from unstuck.core.shares import Found, Share
from unstuck.lab.told import table
from unstuck.report.phase.page import page, pictures
from unstuck.theory.interval import share_interval


def share(settings, learned, of=100, steps=40.0):
    low, high = share_interval(learned, of)
    return Share(settings, learned, of, low, high, steps if learned else None, 0.3, 0.05)


def grid(widths=4, kinds=("sgd", "adam"), losses=("bce", "mse")):
    cells = tuple(
        share((("network.widths", [w, w]), ("optimizer.kind", k), ("training.loss", loss)), 10 * w)
        for w in range(1, widths + 1)
        for k in kinds
        for loss in losses
    )
    axes = (("network.widths",), ("optimizer.kind",), ("training.loss",))
    return Found(
        "mine", "A <grid>", "About it.", axes, cells, 0, "unstuck lab run mine", 1600, 9, 1.0
    )


def test_a_map_for_each_combination_of_what_is_on_no_axis() -> None:
    titles = [one.title for one in pictures(grid())]
    assert titles == ["loss bce", "loss mse", "loss bce", "loss mse"]


def test_every_cell_stands_in_the_table_with_its_interval() -> None:
    text = page(grid())
    assert text.count("10/100") == 4
    assert "0.049 to 0.176" in text
    assert "A &lt;grid&gt;" in text and "<grid>" not in text


def test_the_page_asks_for_nothing_from_anywhere() -> None:
    text = page(grid())
    assert "default-src &#39;none&#39;" in text
    assert re.findall(r"(?:src|href)=\"(?!#|data:)([^\"]*)\"", text) == []
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []


def test_a_cell_that_was_not_run_is_empty_and_says_so() -> None:
    cells = (share((("optimizer.rate", 0.1),), 5), share((("optimizer.rate", 1.0),), 0, of=0))
    found = Found("mine", "t", "", (("optimizer.rate",),), cells, 1, "", 100, 9, 1.0)
    assert "not run" in page(found)
    assert "not run" in "\n".join(table(found))


def test_cells_drawn_at_random_are_dots() -> None:
    cells = tuple(
        share((("optimizer.rate", 10.0**-at), ("data.scale", 1.0 + at**2)), 20 * at)
        for at in range(5)
    )
    axes = (("optimizer.rate",), ("data.scale",))
    found = Found("mine", "t", "", axes, cells, 0, "", 500, 9, 1.0)
    (shown,) = pictures(found)
    assert page(found).count("<circle") >= 10
    assert shown.title == "Cells that were drawn"


@pytest.mark.parametrize("width", [350.0, 530.0])
def test_words_of_a_map_lie_within_it(width) -> None:
    from unstuck.report.chart.paint import FILE

    for one in pictures(grid(widths=9, kinds=("sgd 0.01", "adam with a long name"))):
        text = str(one.draw(width, FILE))
        places = [float(x) for x in re.findall(r"<text x=\"([\d.-]+)\"", text)]
        assert places and min(places) >= 0 and max(places) <= width
