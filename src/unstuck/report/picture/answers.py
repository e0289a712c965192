"""What the network answers: along the only input, against the targets, and what it misses."""

from __future__ import annotations

import itertools
import math

from markupsafe import Markup

from unstuck.core.pictures import Against, Along, Cells, Histogram, Residuals
from unstuck.report.chart.frame import NARROW, Frame, picture
from unstuck.report.chart.marks import Entry, bars, cloud, legend, legend_lines, outline
from unstuck.report.chart.paint import Paint
from unstuck.report.chart.scale import Scale, spanning
from unstuck.report.chart.svg import Child, element, path
from unstuck.report.numbers import number
from unstuck.report.picture.picture import Picture

BINNED = "counts of rows in bins"


def frame_of(
    width: float, height: float, x: tuple[float, float], y: tuple[float, float], paint: Paint,
    *, above: float = 30.0, counts: bool = False,
) -> Frame:  # fmt: skip
    """Return the usual frame: room for numbers at the left, for an axis below, `above` for words over it.

    counts: the vertical axis counts something.
    """
    left = 46.0 if width < NARROW else 52.0
    up = Scale(y[0], y[1], height - 46.0, above, whole=counts)
    return Frame(Scale(x[0], x[1], left, width - 18.0), up, paint)


def along_picture(found: Along) -> Picture:
    """Return targets and answers over the only input."""
    yes = found.kind == "yes-no"
    known = any(math.isfinite(value) for value in found.answer)
    what = "share of yes among the targets" if yes else "mean target"
    bars = "; bars: the middle half of them" * bool(found.low)
    line = (
        "The line is what the trained network answers; it has learned where it runs through the dots."
        if known
        else "What the trained network answers is no number, and is not drawn."
    )
    caption = f"Dots: the {what} in a bin of the input{bars}. {line}"

    def draw(width: float, paint: Paint) -> Markup:
        entries: list[Entry] = [("dot", paint.ink, what)]
        entries += [("line", paint.accent, "network")] * known
        entries.append(("dashed", paint.soft, "before training"))
        tall = 12.0 + 18.0 * legend_lines(entries, width - 70.0)
        values = [*found.low, *found.high, *found.mean, *(found.answer if known else found.before)]
        frame = frame_of(
            width, 290.0, (found.edges[0], found.edges[-1]), spanning(values), paint, above=tall + 8
        )
        return picture(
            width,
            290.0,
            caption,
            [
                frame.axes("input", ticks=(5, 4)),
                *legend(entries, frame)[0],
                *_spreads(found, frame),
                _line(found.at, found.before, frame, paint.soft, dashed=True),
                _line(found.at, found.answer, frame, paint.accent) if known else "",
                *_dots(found, frame),
            ],
            paint,
        )

    return Picture(
        "along", "Targets and answers over the input", caption, caption, draw,
        f"means{' and quartiles' * bool(found.low)} of the targets in {len(found.counts)} bins of the input",
    )  # fmt: skip


def _middles(found: Along) -> list[float]:
    return [(left + right) / 2 for left, right in itertools.pairwise(found.edges)]


def _spreads(found: Along, frame: Frame) -> list[Child]:
    if not found.low:
        return []
    return [
        frame.line(
            frame.x(x),
            frame.y(low),
            frame.x(x),
            frame.y(high),
            stroke=frame.paint.soft,
            stroke_width=1.2,
        )
        for x, low, high in zip(_middles(found), found.low, found.high, strict=True)
        if math.isfinite(low) and high > low
    ]


def _dots(found: Along, frame: Frame) -> list[Child]:
    most = max(found.counts, default=1) or 1
    return [
        element(
            "circle",
            cx=frame.x(x),
            cy=frame.y(mean),
            r=2.2 + 2.8 * math.sqrt(count / most),
            fill=frame.paint.ink,
        )
        for x, mean, count in zip(_middles(found), found.mean, found.counts, strict=True)
        if count and math.isfinite(mean)
    ]


def _line(
    at: tuple[float, ...],
    values: tuple[float, ...],
    frame: Frame,
    colour: str,
    *,
    dashed: bool = False,
) -> Child:
    points = [
        (frame.x(x), frame.y(value))
        for x, value in zip(at, values, strict=True)
        if math.isfinite(value)
    ]
    return element(
        "path", d=path(points), fill="none", stroke=colour, stroke_width=1.6 if dashed else 2.6,
        stroke_dasharray="4 4" if dashed else None, stroke_linejoin="round",
    )  # fmt: skip


def against_picture(found: Against) -> Picture | None:
    """Return the answers against the targets."""
    if found.cells is not None:
        return _numbers(found.cells, found.output)
    if found.parted is not None:
        return _parted(found.parted, found.output)
    return _confused(found.confusion) if found.confusion else None


def _named(output: str) -> str:
    return f" ({output})" if output else ""


def _numbers(cells: Cells, output: str) -> Picture:
    caption = (
        "The stronger a cell, the more rows it holds. Right answers lie on the line; a level streak means"
        " that the network answers the same whatever it is given."
    )

    def draw(width: float, paint: Paint) -> Markup:
        edges = (cells.x_edges[0], cells.x_edges[-1])
        frame = frame_of(width, 330.0, edges, edges, paint)
        ends = [(frame.x(edge), frame.y(edge)) for edge in edges]
        line = element("path", d=path(ends), stroke=paint.ink, stroke_dasharray="5 4", fill="none")
        children: list[Child] = [
            frame.axes("target", "answer"), *cloud(cells, frame, paint.accent), line,
        ]  # fmt: skip
        return picture(width, 330.0, caption, children, paint)

    return Picture(
        "against", f"Answers against targets{_named(output)}", caption, caption, draw, BINNED
    )


def _parted(parted: tuple[Histogram, Histogram], output: str) -> Picture:
    no, yes = parted
    caption = (
        "Up: rows whose target is a yes; down: those whose target is a no. A network that has learned"
        " answers the former near 1 and the latter near 0."
    )

    def draw(width: float, paint: Paint) -> Markup:
        most = float(max([*no.counts, *yes.counts, 1]))
        frame = frame_of(width, 290.0, (0.0, 1.0), (-1.08 * most, 1.08 * most), paint)
        below = Histogram(no.name, no.edges, tuple(-count for count in no.counts))
        left = frame.x(0.5)
        children: list[Child] = [
            *_sides(frame, most),
            *bars(yes, frame, paint.accent),
            *bars(below, frame, paint.classes[1]),
            frame.line(left, frame.top, left, frame.bottom, stroke=paint.ink, stroke_dasharray="5 4"),
            frame.text(frame.left + 6, frame.top + 12, f"yes ({sum(yes.counts):,} rows)", font_weight="600",
                       fill=paint.accent),
            frame.text(frame.left + 6, frame.bottom - 8, f"no ({sum(no.counts):,} rows)", font_weight="600",
                       fill=paint.classes[1]),
        ]  # fmt: skip
        return picture(width, 290.0, caption, children, paint)

    return Picture("against", f"What it answers{_named(output)}", caption, caption, draw, BINNED)


def _sides(frame: Frame, most: float) -> list[Child]:
    """Axes of a histogram that goes both ways: counts are counts on either side."""
    bare = Frame(frame.x, Scale(0.0, 1.0, frame.bottom, frame.top), frame.paint)
    drawn: list[Child] = [
        bare.axes("answered probability of a yes", "rows", ticks=(5, 0), labels=False)
    ]
    for tick in Scale(0.0, most, 0.0, 1.0, whole=True).ticks(2):
        for value in {tick, -tick}:
            at = frame.y(value)
            drawn += [
                frame.line(frame.left, at, frame.right, at, stroke=frame.paint.rule),
                frame.text(
                    frame.left - 8, at + 4, number(tick), text_anchor="end", fill=frame.paint.soft
                ),
            ]
    return drawn


def _confused(counts: tuple[tuple[int, ...], ...]) -> Picture:
    right = sum(row[index] for index, row in enumerate(counts))
    total = sum(map(sum, counts))
    caption = (
        f"Rows by target and answer; {right:,} of {total:,} lie on the diagonal, where both agree. A single"
        " strong column means one answer for everything."
    )

    def draw(width: float, paint: Paint) -> Markup:
        size = len(counts)
        edge = min(34.0, (width - 90.0) / size)
        left, top = 66.0, 34.0
        height = top + edge * size + 12.0
        frame = Frame(Scale(0, size, left, left + edge * size), Scale(0, size, height, top), paint)
        children: list[Child] = [
            frame.text(left, 12.0, "answer", fill=paint.soft),
            frame.text(2.0, top + edge / 2 + 4, "target", fill=paint.soft),
        ]
        for j, row in enumerate(counts):
            children.append(frame.text(left - 8, top + edge * (j + 0.5) + 4, str(j), text_anchor="end",
                                       fill=paint.soft))  # fmt: skip
            children.append(frame.text(left + edge * (j + 0.5), top - 6, str(j), text_anchor="middle",
                                       fill=paint.soft))  # fmt: skip
            children += _row(row, j, edge, (left, top), frame)
        return picture(width, height, caption, children, paint)

    return Picture("against", "Answers by class", caption, caption, draw, BINNED)


def _row(
    row: tuple[int, ...], j: int, edge: float, corner: tuple[float, float], frame: Frame
) -> list[Child]:
    total, paint = sum(row) or 1, frame.paint
    drawn: list[Child] = []
    for i, count in enumerate(row):
        x, y, part = corner[0] + edge * i, corner[1] + edge * j, count / total
        drawn.append(
            element(
                "rect", x=x + 1, y=y + 1, width=edge - 2, height=edge - 2, rx=2.0,
                fill=paint.accent if count else paint.rule, fill_opacity=f"{0.15 + 0.85 * part if count else 0.5:.2g}",
            )
        )  # fmt: skip
        if count and edge >= 24:
            dark = part > 0.5
            drawn.append(frame.text(x + edge / 2, y + edge / 2 + 4, number(count), text_anchor="middle",
                                    font_size=11.0, fill=paint.ground if dark else paint.ink))  # fmt: skip
    return drawn


def residuals_picture(found: Residuals) -> Picture:
    """Return what the answers miss beside what the mean misses."""
    beyond = found.network.beyond
    outside = f" {beyond:,} rows lie outside of the picture." if beyond else ""
    caption = (
        "Filled: answer minus target, row by row. Outline: the same if the mean were answered every time. The"
        f" narrower the filled shape is beside the outline, the more was learned.{outside}"
    )

    def draw(width: float, paint: Paint) -> Markup:
        most = float(max([*found.network.counts, *found.mean.counts, 1]))
        edges = (found.network.edges[0], found.network.edges[-1])
        entries: list[Entry] = [
            ("block", paint.accent, "network"),
            ("dashed", paint.ink, "the mean"),
        ]
        frame = frame_of(width, 270.0, edges, (0.0, 1.06 * most), paint, above=40.0, counts=True)
        children: list[Child] = [
            frame.axes("answer − target", ticks=(5, 3)),
            *legend(entries, frame)[0],
            *bars(found.network, frame, paint.accent),
            outline(found.mean, frame, paint.ink, dashed=True),
        ]
        return picture(width, 270.0, caption, children, paint)

    title = f"Residuals{_named(found.output)}"
    return Picture("residuals", title, caption, caption, draw, BINNED)
