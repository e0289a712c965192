"""One map: the cells of two axes, the darker the larger the share of starts that learned."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from unstuck.core.shares import Found, Share
from unstuck.report.chart.frame import GLYPH, SMALL, Frame, picture
from unstuck.report.chart.paint import PAGE, Paint
from unstuck.report.chart.scale import Scale
from unstuck.report.chart.svg import Child, element
from unstuck.report.numbers import number
from unstuck.report.phase.words import axis_name, place
from unstuck.report.picture.picture import HALF, WIDE, Picture

HEIGHT = 30.0  # pixels of a row of cells
SMALLEST = 30.0  # pixels a cell's width from which on its share is written into it
DARK = 0.55  # share from which on words in a cell take the colour of the ground

Measure = Callable[[Share], tuple[float, str]]
"""A cell's shade (0 to 1, NaN for none) and the words in it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Map:
    """What one diagram shows: cells by the words of their column and row."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: dict[tuple[str, str], Share]
    below: str
    beside: str


def by_share(one: Share) -> tuple[float, str]:
    """Shade by the share of starts that learned."""
    if not one.of:
        return math.nan, ""
    return one.share, f"{one.share:.2f}".removeprefix("0") if one.share < 1 else "1"


def by_steps(found: Found) -> Measure:
    """Return a shade by the median of updates until the goal: the fewer, the darker, by logarithms."""
    known = [one.steps for one in found.shares if one.steps]
    low, high = math.log(min(known)), math.log(max(known))

    def shade(one: Share) -> tuple[float, str]:
        if one.steps is None:
            return math.nan, "–" if one.of else ""
        span = high - low
        at = (high - math.log(max(one.steps, 1.0))) / span if span > 0 else 1.0
        return 0.15 + 0.85 * min(max(at, 0.0), 1.0), number(round(one.steps))

    return shade


def diagrams(found: Found, measure: Measure, key: str) -> list[Picture]:
    """Return the maps of a study, one for each combination of what is on neither axis.

    The two longest axes span a map. Cells that were drawn at random have none.
    """
    axes = [axis for axis in found.axes if len({place(axis, one) for one in found.shares}) > 1]
    if not axes or not _is_grid(found, axes):
        return []
    order = sorted(axes, key=lambda axis: -len({place(axis, one) for one in found.shares}))
    across, down = order[0], order[1] if len(order) > 1 else ()
    if down and _length(across, found) > HALF - 120.0 > _length(down, found):
        across, down = down, across  # long names stand beside the rows, where they have room
    rest = [axis for axis in axes if axis not in (across, down)]
    groups: dict[str, list[Share]] = {}
    for one in found.shares:
        groups.setdefault(", ".join(_with_name(axis, one, found) for axis in rest), []).append(one)
    return [
        _picture(f"{found.name}-{key}-{at}", title, _map(cells, across, down, found), measure)
        for at, (title, cells) in enumerate(groups.items(), start=1)
    ]


def _length(axis: tuple[str, ...], found: Found) -> float:
    """Return the pixels that the names along an axis take in one line."""
    names = {place(axis, one) for one in found.shares}
    return len(names) * (max(len(name) for name in names) * SMALL * GLYPH + 6)


def _with_name(axis: tuple[str, ...], one: Share, found: Found) -> str:
    return f"{axis_name(axis, found)} {place(axis, one)}"


def _is_grid(found: Found, axes: list[tuple[str, ...]]) -> bool:
    sizes = [len({place(axis, one) for one in found.shares}) for axis in axes]
    return math.prod(sizes) == len(found.shares)


def _map(
    cells: Sequence[Share], across: tuple[str, ...], down: tuple[str, ...], found: Found
) -> Map:
    columns = tuple(dict.fromkeys(place(across, one) for one in cells))
    rows = tuple(dict.fromkeys(place(down, one) for one in cells)) if down else ("",)
    by_place = {(place(across, one), place(down, one) if down else ""): one for one in cells}
    beside = axis_name(down, found) if down else ""
    return Map(columns, rows, by_place, axis_name(across, found), beside)


def _picture(key: str, title: str, shown: Map, measure: Measure) -> Picture:
    said_ = "; ".join(
        f"{column}{f', {row}' if row else ''}: {measure(one)[1] or 'not run'}"
        for (column, row), one in shown.cells.items()
    )
    wide = WIDE if len(shown.columns) > 12 else HALF

    def draw(width: float, paint: Paint) -> Markup:
        return _drawn(shown, measure, width, paint, said_, title)

    return Picture(key, title or "All cells", "", said_, draw, width=wide)


def _drawn(
    shown: Map, measure: Measure, width: float, paint: Paint, words: str, title: str
) -> Markup:
    letters = max(len(row) for row in (*shown.rows, shown.beside))
    left = min(24.0 + letters * SMALL * GLYPH, width / 3)
    height = 30.0 + HEIGHT * len(shown.rows) + 48.0
    frame = Frame(
        Scale(0.0, len(shown.columns), left, width - 8.0),
        Scale(0.0, len(shown.rows), height - 48.0, 30.0),
        paint,
    )
    cell = (frame.right - frame.left) / len(shown.columns)
    drawn: list[Child] = [
        frame.text(left - 8, 18.0, shown.beside, text_anchor="end", fill=paint.soft)
    ]
    if paint is not PAGE:  # a page has it as a heading above
        drawn.append(frame.text(left, 18.0, title, font_weight="600"))
    for at, row in enumerate(shown.rows):
        y = 30.0 + HEIGHT * at
        drawn.append(frame.text(left - 8, y + HEIGHT / 2 + 4, row, text_anchor="end"))
        for column, name in enumerate(shown.columns):
            one = shown.cells.get((name, row))
            if one is not None:
                drawn += _cell(one, measure, frame, left + column * cell, y, cell)
    return picture(width, height, words, [*drawn, *_labels(shown, frame, cell)], paint)


def _cell(
    one: Share, measure: Measure, frame: Frame, x: float, y: float, wide: float
) -> list[Child]:
    shade, words = measure(one)
    paint, gap = frame.paint, 1.0 if wide > 8 else 0.0
    box = {"x": x + gap, "y": y + gap, "width": wide - 2 * gap, "height": HEIGHT - 2 * gap}
    empty = math.isnan(shade)
    drawn: list[Child] = [
        element("rect", **box, fill="none" if empty else paint.accent, stroke=paint.rule,
                fill_opacity=None if empty else f"{0.06 + 0.94 * shade:.3g}"),
    ]  # fmt: skip
    if wide >= SMALLEST and words and len(words) * SMALL * GLYPH < wide:
        light = not empty and shade >= DARK
        drawn.append(
            frame.text(
                x + wide / 2,
                y + HEIGHT / 2 + 4,
                words,
                text_anchor="middle",
                fill=paint.ground if light else paint.ink,
            )
        )
    return drawn


def _labels(shown: Map, frame: Frame, wide: float) -> list[Child]:
    """Return the names of the columns, of which some are left out where there is no room."""
    longest = max(len(name) for name in shown.columns) * SMALL * GLYPH + 6
    every = max(1, math.ceil(longest / wide))
    drawn: list[Child] = [
        frame.text(
            frame.left + (at + 0.5) * wide, frame.bottom + 16, name, text_anchor="middle",
            fill=frame.paint.soft,
        )
        for at, name in enumerate(shown.columns)
        if at % every == 0
    ]  # fmt: skip
    middle = (frame.left + frame.right) / 2
    drawn.append(
        frame.text(
            middle, frame.bottom + 36, shown.below, text_anchor="middle", fill=frame.paint.soft
        )
    )
    return drawn
