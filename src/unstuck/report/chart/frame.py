"""The frame of a chart: its size, its two scales, axes with few and round ticks."""

from __future__ import annotations

import dataclasses
import itertools
import math

from markupsafe import Markup

from unstuck.report.chart.paint import FONT, PAGE, Paint
from unstuck.report.chart.scale import Scale, tick_label
from unstuck.report.chart.svg import Child, element, group

SMALL = 12.0  # pixels of a label
NARROW = 480.0  # pixels below which a picture is for a phone
BEYOND = 14.0  # pixels that a label may stand out over its frame
CLEAR = 4.0  # pixels between two numbers of an axis
GLYPH = 0.56  # of its size: the width of an average letter


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of a picture with a scale along either side. paint: its colours."""

    x: Scale
    y: Scale
    paint: Paint

    @property
    def left(self) -> float:
        """Pixel of the left edge."""
        return self.x.start

    @property
    def right(self) -> float:
        """Pixel of the right edge."""
        return self.x.end

    @property
    def top(self) -> float:
        """Pixel of the upper edge."""
        return self.y.end

    @property
    def bottom(self) -> float:
        """Pixel of the lower edge."""
        return self.y.start

    def axes(
        self,
        below: str,
        above: str = "",
        *,
        ticks: tuple[int, int] = (5, 4),
        labels: bool = True,
        grid: bool = True,
    ) -> Markup:
        """Return grid lines with their numbers, the line below, and the axes' names.

        below: name of the horizontal axis; above: of the vertical one, which stands over the frame.
        ticks: about how many numbers along either axis, 0 for none; labels: whether the vertical axis has
        numbers (a panel beside another with the same axis has none); grid: whether lines lead from them.
        """
        return group(
            [
                *(self._level(tick, labels, grid) for tick in self.y.ticks(ticks[1]) if ticks[1]),
                *(self._column(tick) for tick in self._apart(ticks[0])),
                self.line(self.left, self.bottom, self.right, self.bottom, stroke=self.paint.soft),
                self.text(
                    (self.left + self.right) / 2,
                    self.bottom + 34,
                    below,
                    text_anchor="middle",
                    fill=self.paint.soft,
                ),
                self.text(self.left, self.top - 10, above, fill=self.paint.soft) if above else "",
            ]
        )

    def _level(self, tick: float, labels: bool, grid: bool) -> Markup:
        at = self.y(tick)
        label = self.text(
            self.left - 8,
            at + 4,
            tick_label(tick, abs(self.y.high)),
            text_anchor="end",
            fill=self.paint.soft,
        )
        return group(
            [
                self.line(self.left, at, self.right, at, stroke=self.paint.rule) if grid else "",
                label if labels else "",
            ]
        )

    def _apart(self, count: int) -> tuple[float, ...]:
        """Return about so many ticks of the horizontal axis, fewer where their numbers would touch."""
        for fewer in range(count, 0, -1):
            found = self.x.ticks(fewer)
            widest = max((len(tick_label(tick, abs(self.x.high))) for tick in found), default=0)
            places = [self.x(tick) for tick in found]
            gaps = [after - before for before, after in itertools.pairwise(places)]
            if min(gaps, default=math.inf) >= widest * SMALL * GLYPH + CLEAR:
                return found
        return self.x.ticks(count)[:1]

    def _column(self, tick: float) -> Markup:
        at, label = self.x(tick), tick_label(tick, abs(self.x.high))
        half = len(label) * SMALL * GLYPH / 2
        return group(
            [
                self.line(at, self.bottom, at, self.bottom + 4, stroke=self.paint.soft),
                self.text(
                    min(at, self.right + BEYOND - half),
                    self.bottom + 17,
                    label,
                    text_anchor="middle",
                    fill=self.paint.soft,
                ),
            ]
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, **more: str | float) -> Markup:
        """Return a straight line between two pixels."""
        return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **more)

    def text(self, x: float, y: float, words: str, **more: str | float) -> Markup:
        """Return words at a pixel."""
        return element(
            "text", words, x=x, y=y, **{"font_size": SMALL, "fill": self.paint.ink, **more}
        )


def picture(width: float, height: float, said: str, children: list[Child], paint: Paint) -> Markup:
    """Return a whole SVG; said: what somebody who cannot see it is told."""
    alone = paint is not PAGE  # a file brings its own ground, and a title in place of a caption
    ground = element("rect", width=width, height=height, fill=paint.ground)
    return element(
        "svg",
        *((element("title", said), ground) if alone else ()),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_label=said,
        font_family=FONT,
        font_size=SMALL,
        fill=paint.ink,
    )


def spread(places: list[float], gap: float, low: float, high: float) -> list[float]:
    """Return the places (ascending) moved apart to a least gap, within low and high where they fit."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + gap) if moved else max(place, low))
    limit = high
    for index in range(len(moved) - 1, -1, -1):
        moved[index] = min(moved[index], limit)
        limit = moved[index] - gap
    return moved
