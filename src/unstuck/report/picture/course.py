"""The loss over the steps, on the rungs of the ladder, with what is foreseen of it."""

from __future__ import annotations

import math

from markupsafe import Markup

from unstuck.core.diagnosis import Diagnosis, Ladder, LossSummary
from unstuck.core.pictures import Ahead
from unstuck.report.chart.frame import GLYPH, NARROW, SMALL, Frame, picture, spread
from unstuck.report.chart.paint import Paint
from unstuck.report.chart.scale import LARGEST, Scale, bounded, tick_label
from unstuck.report.chart.svg import Child, Point, element, path
from unstuck.report.ladder import TOP, WIDEST, drawing
from unstuck.report.numbers import number
from unstuck.report.picture.course_told import (
    OPEN,
    SMOOTH,
    Rung,
    caption,
    described,
    jumps,
    rungs,
    table,
)
from unstuck.report.picture.picture import WIDE, Picture

HIGH = 10.0  # times the highest level: the loss runs away
ROOM = 3.0  # lengths of the run, beyond which what is foreseen is drawn on a logarithmic axis
FAR = 1e4  # lengths beyond which it is told only


def course(diagnosis: Diagnosis, ahead: Ahead | None = None) -> Picture | None:
    """Return the picture of the run's loss; None where no loss was recorded."""
    loss = diagnosis.loss
    if loss is None or not loss.curve:
        return None
    ladder = diagnosis.ladder if loss.comparable else None

    def draw(width: float, paint: Paint) -> Markup:
        return _Drawn(loss, ladder, ahead if ladder else None, width, paint).svg(said)

    said = described(loss, ladder, ahead)
    return Picture(
        "loss",
        "The loss, step by step",
        caption(loss, ladder, ahead),
        said,
        draw,
        table=table(diagnosis.ladder),
        width=WIDE,
    )


class _Drawn:
    """One drawing of it: scales, lines, labels."""

    def __init__(
        self,
        loss: LossSummary,
        ladder: Ladder | None,
        ahead: Ahead | None,
        width: float,
        paint: Paint,
    ) -> None:
        self.loss, self.ladder, self.width, self.paint = loss, ladder, width, paint
        self.narrow = width < NARROW
        self.height = 280.0 if self.narrow else 340.0
        self.ticks = (4, 4) if self.narrow else (6, 5)
        self.ahead = ahead
        self.rungs = [] if ladder is None else rungs(ladder)
        self.curve = [(float(step), bounded(value)) for step, value in loss.curve]
        self.last = _drawn_to(loss)
        self.frame = self._frame()

    def _frame(self) -> Frame:
        reach = self._reach()
        longest = max((len(self._label(rung)) for rung in self.rungs), default=0)
        beside = 8.0 if not self.rungs else 14.0 + longest * SMALL * 0.54
        low, high, logarithmic = self._losses()
        up = Scale(low, high, self.height - 46.0, 30.0, logarithmic)
        widest = max((len(tick_label(tick)) for tick in up.ticks(self.ticks[1])), default=0)
        left = max(44.0 if self.narrow else 52.0, 14.0 + widest * SMALL * GLYPH)
        self.long = reach > ROOM * self.last
        first = 1.0 if self.long else 0.0
        across = Scale(first, self.last + reach + first, left, self.width - beside, self.long)
        return Frame(across, up, self.paint)

    def _x(self, step: float) -> float:
        """Return the pixel of a step; on a logarithmic axis the first one is step 1."""
        return self.frame.x(step + 1.0 if self.long else step)

    def _reach(self) -> float:
        """Steps beyond the end that are drawn: to the forecast's median, where that is near."""
        if (
            self.ahead is None
            or self.last < self.loss.steps - 1
            or not math.isfinite(self.ahead.median)
        ):
            return 0.0
        far = self.ahead.high if math.isfinite(self.ahead.high) else self.ahead.median
        near = far if far <= OPEN * self.ahead.median else self.ahead.median
        return near * 1.1 if near <= FAR * self.last else 0.0

    def _losses(self) -> tuple[float, float, bool]:
        """Return lowest, highest and whether logarithmic: as the ladder is drawn on a terminal."""
        values = [value for _, value in self.curve if math.isfinite(value)]
        levels = [rung.loss for rung in self.rungs]
        logarithmic = False
        if self.ladder is not None:
            logarithmic = drawing(self.ladder, columns=WIDEST).logarithmic
        top = max(levels, default=max(values, default=1.0))
        climbs = _climbs(values, top)
        far = TOP if logarithmic else 4.0
        above = bool(levels) and min(values, default=top) > far * top  # the whole of the run
        near = [v for v in values if v <= far * top or climbs or above or not levels]
        above_zero = min([*values, *levels], default=0.0) >= 0
        logarithmic = logarithmic or ((climbs or above) and above_zero)
        high = max([*levels, *near], default=1.0)
        low = min([*levels, *near], default=0.0)
        if logarithmic and high > 1 / LARGEST:
            positive = [
                value
                for value in (*levels, *near)
                if value > max(1e-6 * (top or high), 1 / LARGEST)
            ]
            return min(positive) / 1.6, high * 1.3, True
        low = min(0.0, low)
        return low, high + 0.06 * (high - low or 1.0), False

    def _label(self, rung: Rung) -> str:
        return f"{rung.words} {number(rung.loss)}"

    def svg(self, said: str) -> Markup:
        children: list[Child] = [
            self.frame.axes(
                "updates, logarithmic" if self.long else "updates",
                f"loss ({self.loss.name})",
                ticks=self.ticks,
            ),
            *self._levels(),
            *self._line(),
            *self._future(),
            self._end(),
        ]
        return picture(self.width, self.height, said, children, self.paint)

    def _levels(self) -> list[Child]:
        frame = self.frame
        drawn: list[Child] = []
        places = [frame.y(rung.loss) for rung in self.rungs]
        labels = spread(places, SMALL + 3, frame.top, frame.bottom)
        for rung, at, label in zip(self.rungs, places, labels, strict=True):
            colour = self.paint.ink if rung.goal else self.paint.soft
            more = {"stroke_dasharray": "5 4", "stroke_width": "1.5"} if rung.goal else {}
            drawn += [
                frame.line(frame.left, at, frame.right, at, stroke=colour, **more),
                element(
                    "path",
                    d=path([(frame.right, at), (frame.right + 8, label)]),
                    fill="none",
                    stroke=colour,
                ),
                frame.text(
                    frame.right + 11,
                    label + 4,
                    self._label(rung),
                    fill=colour,
                    font_weight="600" if rung.goal else "400",
                ),
            ]
        return drawn

    def _pixels(self, points: list[Point]) -> list[Point]:
        return [(self._x(step), self.frame.y(value)) for step, value in points]

    def _line(self) -> list[Child]:
        known = [(s, value) for s, value in self.curve if math.isfinite(value) and s <= self.last]
        if len(known) <= 1:
            return []
        whole = path(self._pixels(known))
        if not jumps([value for _, value in known]):
            return [self._stroke(whole, 2.4)]
        smooth = _running([value for _, value in known])
        calm = path(self._pixels([(s, v) for (s, _), v in zip(known, smooth, strict=True)]))
        return [self._stroke(whole, 1.0, stroke_opacity="0.35"), self._stroke(calm, 2.4)]

    def _stroke(self, d: str, width: float, **more: str) -> Markup:
        return element(
            "path",
            d=d,
            fill="none",
            stroke=self.paint.accent,
            stroke_width=width,
            stroke_linejoin="round",
            **more,
        )

    def _future(self) -> list[Child]:
        """The foreseen curve, or a straight hint towards the goal, and the range of its arrival."""
        ahead, ladder = self.ahead, self.ladder
        if ahead is None or ladder is None or ladder.goal is None or not self._reach():
            return []
        frame, end = self.frame, float(max(self.loss.steps - 1, 1))
        goal = frame.y(ladder.goal)
        last = self._x(end + ahead.high) if math.isfinite(ahead.high) else frame.right
        dashed = [(end, self._last()), *((end + s, v) for s, v in ahead.curve)]
        drawn: list[Child] = [
            frame.line(
                self._x(end + ahead.low),
                goal,
                last,
                goal,
                stroke=self.paint.accent,
                stroke_width=5.0,
            ),
            element(
                "circle",
                cx=self._x(end + ahead.median),
                cy=goal,
                r=5.0,
                fill=self.paint.ground,
                stroke=self.paint.accent,
                stroke_width=2.0,
            ),
        ]
        if len(dashed) > 1:
            line = path(self._pixels(dashed))
            drawn.insert(0, self._stroke(line, 1.6, stroke_dasharray="3 4"))
        return drawn

    def _last(self) -> float:
        known = [value for _, value in self.curve if not math.isnan(value)]
        return known[-1] if known else math.nan

    def _end(self) -> Markup:
        """A dot where the run ended; an arrow where that is off the scale, or no number."""
        frame, value = self.frame, self.loss.end
        last = next((p for p in reversed(self.curve) if math.isfinite(p[1])), None)
        if last is None:
            return frame.text(frame.left + 8, frame.top + 14, "no step had a loss that is a number")
        told = self.ladder.end if self.ladder is not None else value  # over all rows, not one batch
        x, y = self._x(last[0]), frame.y(told if math.isfinite(told) else last[1])
        dot = element("circle", cx=x, cy=y, r=4.5, fill=self.paint.accent)
        if math.isfinite(value) and frame.y.holds(value):
            return dot
        words = "no number from here on" if not math.isfinite(value) else f"up to {number(value)}"
        anchor = "end" if x > (frame.left + frame.right) / 2 else "start"
        x = min(x + 8, frame.right - 6) if not math.isfinite(value) else x
        arrow = path(
            [(x - 5, frame.top + 8), (x, frame.top - 1), (x + 5, frame.top + 8)], closed=True
        )
        return element(
            "g",
            element("path", d=arrow, fill=self.paint.accent),
            frame.text(
                x + (-10 if anchor == "end" else 10),
                frame.top + 8,
                words,
                text_anchor=anchor,
                font_weight="600",
                fill=self.paint.accent,
            ),
        )


def _climbs(values: list[float], top: float) -> bool:
    """Whether the loss grows far above every level: then the climb is what to see."""
    return len(values) > 1 and max(values) > HIGH * abs(top) and values[0] < max(values) / HIGH


def _drawn_to(loss: LossSummary) -> float:
    """Return the last step that is drawn: the run's last, or a little beyond that where numbers end."""
    last = float(max(loss.steps - 1, 1))
    finite = [step for step, value in loss.curve if math.isfinite(value)]
    if finite and not math.isfinite(loss.curve[-1][1]):
        return min(last, max(2.0 * finite[-1], 4.0))
    return last


def _running(values: list[float]) -> list[float]:
    """Return the running median over `SMOOTH` points."""
    half = SMOOTH // 2
    windows = (values[max(0, i - half) : i + half + 1] for i in range(len(values)))
    return [sorted(window)[len(window) // 2] for window in windows]
