"""Marks that several pictures share: bars of a histogram, cells of counts, a legend."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from unstuck.core.pictures import Cells, Grid, Histogram
from unstuck.report.chart.frame import GLYPH, SMALL, Frame
from unstuck.report.chart.paint import Paint
from unstuck.report.chart.svg import Child, Point, element, path

Entry = tuple[str, str, str]
"""Kind of mark (``line``, ``dashed``, ``dot``, ``block``), colour, words."""

LEAST = 0.12  # opacity of a cell that holds one row of many
LEVELS = 12  # of a surface: neighbours on the same level are one rectangle


def bars(found: Histogram, frame: Frame, colour: str, *, opacity: float = 0.75) -> list[Child]:
    """Return a histogram as bars that stand on the frame's zero."""
    zero = frame.y(0.0)
    drawn: list[Child] = []
    for (left, right), count in zip(itertools.pairwise(found.edges), found.counts, strict=True):
        if count:
            x, end, top = frame.x(left), frame.x(right), frame.y(float(count))
            drawn.append(
                element(
                    "rect",
                    x=x + 0.5,
                    y=min(top, zero),
                    width=max(end - x - 1.0, 0.8),
                    height=abs(zero - top),
                    fill=colour,
                    fill_opacity=f"{opacity:g}",
                )
            )
    return drawn


def outline(found: Histogram, frame: Frame, colour: str, *, dashed: bool = False) -> Child:
    """Return a histogram as a line around its bars."""
    points: list[Point] = [(frame.x(found.edges[0]), frame.y(0.0))]
    for (left, right), count in zip(itertools.pairwise(found.edges), found.counts, strict=True):
        points += [(frame.x(left), frame.y(count)), (frame.x(right), frame.y(count))]
    points.append((frame.x(found.edges[-1]), frame.y(0.0)))
    dash = "4 3" if dashed else None
    return element(
        "path", d=path(points), fill="none", stroke=colour, stroke_width=1.4, stroke_dasharray=dash
    )


def cloud(found: Cells, frame: Frame, colour: str) -> list[Child]:
    """Return counts in two dimensions as cells, the darker the more rows they hold."""
    most = max((count for row in found.counts for count in row), default=0)
    drawn: list[Child] = []
    for (below, above), row in zip(itertools.pairwise(found.y_edges), found.counts, strict=True):
        for (left, right), count in zip(itertools.pairwise(found.x_edges), row, strict=True):
            if count:
                shade = LEAST + (1 - LEAST) * math.sqrt(count / most)
                drawn.append(_block(frame, left, right, below, above, colour, shade))
    return drawn


def _block(
    frame: Frame, left: float, right: float, below: float, above: float, colour: str, shade: float
) -> Child:
    x, y = frame.x(left), frame.y(above)
    return element(
        "rect",
        x=x,
        y=y,
        width=frame.x(right) - x,
        height=frame.y(below) - y,
        fill=colour,
        fill_opacity=f"{shade:.2g}",
    )


def levels(
    shares: Grid, x: Sequence[float], y: Sequence[float], frame: Frame, colour: str
) -> list[Child]:
    """Return shares (0 to 1, NaN for nothing) over a grid as shades, one shape a level.

    Rectangles of one shape leave no seam between them, as shapes of their own would.
    """
    shapes: dict[int, list[str]] = {}
    for (below, above), row in zip(itertools.pairwise(y), shares, strict=True):
        steps = [0 if math.isnan(share) else round(share * LEVELS) for share in row]
        begin = 0
        for level, same in itertools.groupby(steps):
            end = begin + len(list(same))
            left, right = frame.x(x[begin]), frame.x(x[end])
            corners = [(left, frame.y(above)), (right, frame.y(above)), (right, frame.y(below))]
            shapes.setdefault(level, []).append(
                path([*corners, (left, frame.y(below))], closed=True)
            )
            begin = end
    return [
        element("path", d="".join(pieces), fill=colour, fill_opacity=f"{0.75 * level / LEVELS:.2g}")
        for level, pieces in sorted(shapes.items())
        if level
    ]


def legend(entries: Iterable[Entry], frame: Frame, *, top: float = 12.0) -> tuple[list[Child], int]:
    """Return samples of marks with words beside them, and how many lines they take."""
    drawn: list[Child] = []
    x, y, lines = frame.left, top, 1
    for kind, colour, words in entries:
        wide = 26.0 + GLYPH * SMALL * len(words) + 14.0
        if x + wide > frame.right + 20.0 and x > frame.left:
            x, y, lines = frame.left, y + 18.0, lines + 1
        drawn += [
            _sample(kind, colour, x, y),
            frame.text(x + 24, y + 4, words, fill=frame.paint.soft),
        ]
        x += wide
    return drawn, lines


def legend_lines(entries: Iterable[Entry], width: float) -> int:
    """Return how many lines a legend takes in this width."""
    x, lines = 0.0, 1
    for _, _, words in entries:
        wide = 26.0 + GLYPH * SMALL * len(words) + 14.0
        if x + wide > width + 20.0 and x > 0:
            x, lines = 0.0, lines + 1
        x += wide
    return lines


def _sample(kind: str, colour: str, x: float, y: float) -> Child:
    if kind == "dot":
        return element("circle", cx=x + 10, cy=y, r=4.0, fill=colour)
    if kind == "block":
        return element("rect", x=x + 3, y=y - 5, width=14.0, height=10.0, fill=colour)
    dash = "4 3" if kind == "dashed" else None
    return element(
        "line", x1=x, y1=y, x2=x + 18, y2=y, stroke=colour, stroke_width=2.2, stroke_dasharray=dash
    )


def colour_of(value: float, paint: Paint) -> str:
    """Return the colour of a class."""
    return paint.classes[int(value) % len(paint.classes)]
