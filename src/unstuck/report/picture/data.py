"""The data: how targets and inputs are distributed, what is answered over two inputs, which rows are alike."""

from __future__ import annotations

import bisect
import itertools
import math

from markupsafe import Markup

from unstuck.core.pictures import Embedding, Grid, Histogram, Kind, Surface
from unstuck.report.chart.frame import NARROW, Frame, picture
from unstuck.report.chart.marks import Entry, bars, colour_of, legend, levels
from unstuck.report.chart.paint import Paint
from unstuck.report.chart.scale import Scale, spanning, tick_label
from unstuck.report.chart.svg import Child, element, group
from unstuck.report.picture.answers import BINNED, frame_of
from unstuck.report.picture.picture import WIDE, Picture

SHOWN_CLASSES = 6  # classes with a colour of their own


def histograms_picture(
    targets: tuple[Histogram, ...], inputs: tuple[Histogram, ...], more: int
) -> Picture:
    """Return small histograms of the targets and of each input."""
    known = [*targets, *inputs]
    rest = f" {more} more input{'s are' if more > 1 else ' is'} left out." if more else ""
    beyond = [one.name for one in known if one.beyond]
    far = (
        f" Of {', '.join(beyond)}, values far outside or no numbers are left out." if beyond else ""
    )
    caption = f"The targets first, then each input. Look at how far from zero and how wide they lie.{rest}{far}"

    def draw(width: float, paint: Paint) -> Markup:
        columns = _columns(len(known), width)
        wide = width / columns
        tall = 128.0
        children = [
            _small(one, wide * (index % columns), tall * (index // columns), wide, paint, index < len(targets))
            for index, one in enumerate(known)
        ]  # fmt: skip
        return picture(width, tall * math.ceil(len(known) / columns), caption, [*children], paint)

    return Picture("histograms", "Targets and inputs", caption, caption, draw, BINNED, width=WIDE)


def _columns(count: int, width: float) -> int:
    """Up to six stand in a row; more of them in rows of four."""
    if width <= NARROW:
        return min(count, 2)
    return count if count <= 6 else 4


def _small(
    found: Histogram, x: float, y: float, width: float, paint: Paint, target: bool
) -> Markup:
    most = float(max([*found.counts, 1]))
    low, high = found.edges[0], found.edges[-1]
    first, last = _ends(found)
    frame = Frame(
        Scale(low, high, x + 8, x + width - 16), Scale(0.0, most, y + 96.0, y + 26.0), paint
    )
    colour = paint.accent if target else paint.soft
    ends = [
        frame.text(frame.left, y + 113.0, tick_label(_tidy(first)), fill=paint.soft),
        frame.text(
            frame.right, y + 113.0, tick_label(_tidy(last)), text_anchor="end", fill=paint.soft
        ),
    ]
    return element(
        "g",
        frame.text(frame.left, y + 14.0, found.name, font_weight="600"),
        *bars(found, frame, colour),
        frame.line(frame.left, frame.bottom, frame.right, frame.bottom, stroke=paint.soft),
        *ends,
    )


def _ends(found: Histogram) -> tuple[float, float]:
    """Return what stands below either end: the edges, or the numbers themselves where each has its bin."""
    low, high = found.edges[0], found.edges[-1]
    if found.edges[1] - low == 1 and low % 1 == 0.5:
        return low + 0.5, high - 0.5
    return low, high


def _tidy(value: float) -> float:
    return float(f"{value:.3g}")


def surface_picture(found: Surface) -> Picture:
    """Return the answers over two inputs, with the rows as dots."""
    what = {
        "yes-no": "The colour behind is what the network answers, stronger where it is surer",
        "classes": "The colour behind is the class that the network answers",
        "number": "The colour behind is the stronger the larger the network's answer is",
    }[found.kind]
    caption = (
        f"{what}; dots are targets, averaged in cells of the two inputs. It has learned where dots stand on"
        " their own colour."
    )

    def draw(width: float, paint: Paint) -> Markup:
        height = 300.0 if width < NARROW else 400.0
        frame = frame_of(width, height, (found.x[0], found.x[-1]), (found.y[0], found.y[-1]), paint)
        return picture(
            width,
            height,
            caption,
            [
                group(_behind(found, frame)),
                frame.axes("input 1", "input 2", grid=False),
                *_targets(found, frame),
            ],
            paint,
        )

    return Picture("surface", "The answers over the two inputs", caption, caption, draw, BINNED)


def _behind(found: Surface, frame: Frame) -> list[Child]:
    paint = frame.paint
    if found.kind == "yes-no":
        up = _map(found.answer, lambda value: max(0.0, 2 * value - 1))
        down = _map(found.answer, lambda value: max(0.0, 1 - 2 * value))
        return [
            *levels(up, found.x, found.y, frame, paint.accent),
            *levels(down, found.x, found.y, frame, paint.classes[1]),
        ]
    if found.kind == "classes":
        known = sorted({value for row in found.answer for value in row if math.isfinite(value)})
        return [
            mark
            for one in known
            for mark in levels(
                _map(found.answer, lambda value, one=one: 0.5 if value == one else 0.0),
                found.x, found.y, frame, colour_of(one, paint),
            )
        ]  # fmt: skip
    low, high = _range(found)
    return levels(
        _map(found.answer, lambda value: _share(value, low, high)),
        found.x,
        found.y,
        frame,
        paint.accent,
    )


def _map(grid: Grid, change: object) -> Grid:
    return tuple(
        tuple(math.nan if math.isnan(value) else change(value) for value in row)  # type: ignore[operator]
        for row in grid
    )


def _range(found: Surface) -> tuple[float, float]:
    known = [value for row in (*found.answer, *found.target) for value in row]
    return spanning(known, margin=0.0)


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5


def _targets(found: Surface, frame: Frame) -> list[Child]:
    paint = frame.paint
    low, high = _range(found)
    drawn: list[Child] = []
    ys = [(a + b) / 2 for a, b in itertools.pairwise(found.rows.y_edges)]
    xs = [(a + b) / 2 for a, b in itertools.pairwise(found.rows.x_edges)]
    most = max((count for row in found.rows.counts for count in row), default=1) or 1
    for y, counts, targets in zip(ys, found.rows.counts, found.target, strict=True):
        for x, count, target in zip(xs, counts, targets, strict=True):
            if not count or math.isnan(target):
                continue
            colour, opacity = _dot(found.kind, target, low, high, paint)
            drawn.append(
                element(
                    "circle", cx=frame.x(x), cy=frame.y(y), r=2.6 + 2.6 * math.sqrt(count / most), fill=colour,
                    fill_opacity=f"{opacity:.2g}", stroke=paint.ground, stroke_width=1.0,
                )
            )  # fmt: skip
    return drawn


def _dot(kind: Kind, target: float, low: float, high: float, paint: Paint) -> tuple[str, float]:
    if kind == "classes":
        return colour_of(target, paint), 1.0
    if kind == "yes-no":
        return (paint.accent if target > 0.5 else paint.classes[1]), 0.35 + 1.3 * abs(target - 0.5)
    return paint.accent, 0.12 + 0.88 * _share(target, low, high)


def embedding_picture(found: Embedding) -> Picture:
    """Return a map of the inputs, coloured by target."""
    caption = (
        f"{len(found.points):,} of {found.of:,} rows, laid out so that rows with alike inputs lie near each other"
        " (t-SNE). Where colours lie apart, alike inputs have alike targets, and there is something to learn from"
        " nearness; where they mix, there may still be, but not so plainly. Distances between islands mean nothing."
    )
    shades = _ranked(found.target) if found.kind == "number" else found.target

    def draw(width: float, paint: Paint) -> Markup:
        height = 330.0 if width < NARROW else 380.0
        xs, ys = (spanning(part) for part in zip(*found.points, strict=True))
        frame = Frame(Scale(*xs, 8.0, width - 8.0), Scale(*ys, height - 8.0, 44.0), paint)
        entries = _entries(found, paint)
        dots = [
            element(
                "circle", cx=frame.x(x), cy=frame.y(y), r=3.6, fill=colour, fill_opacity=f"{opacity:.2g}",
                stroke=paint.ground, stroke_width=0.6,
            )
            for (x, y), target in zip(found.points, shades, strict=True)
            for colour, opacity in [_dot(found.kind, target, 0.0, 1.0, paint)]
        ]  # fmt: skip
        return picture(width, height, caption, [*legend(entries, frame)[0], *dots], paint)

    return Picture(
        "embedding", "A map of the inputs", caption, caption, draw,
        f"for {len(found.points):,} rows a place that only says which rows are alike, and the target",
    )  # fmt: skip


def _ranked(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return each value's place among all, from 0 to 1: a few large ones would make all others alike."""
    ordered = sorted(values)
    last = max(len(values) - 1, 1)
    return tuple(bisect.bisect_left(ordered, value) / last for value in values)


def _entries(found: Embedding, paint: Paint) -> list[Entry]:
    if found.kind == "number":
        low, high = tick_label(_tidy(min(found.target))), tick_label(_tidy(max(found.target)))
        return [("dot", paint.accent, f"stronger: larger target ({low} to {high})")]
    if found.kind == "yes-no":
        return [("dot", paint.accent, "yes"), ("dot", paint.classes[1], "no")]
    known = sorted({int(value) for value in found.target})
    few = [("dot", colour_of(one, paint), f"class {one}") for one in known[:SHOWN_CLASSES]]
    return few if len(known) <= SHOWN_CLASSES else [*few, ("dot", paint.rule, "… colours repeat")]
