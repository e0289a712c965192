"""The loss over the steps, on the rungs of the ladder, with what is foreseen of it."""

from __future__ import annotations

import dataclasses
import math
from itertools import groupby, pairwise

from markupsafe import Markup

from unstuck.core.diagnosis import Diagnosis, Ladder, LossSummary
from unstuck.core.pictures import Ahead
from unstuck.report.chart.frame import GLYPH, NARROW, SMALL, Frame, picture, spread
from unstuck.report.chart.paint import Paint
from unstuck.report.chart.scale import LARGEST, Scale, bounded, tick_label
from unstuck.report.chart.svg import Child, Point, element, path
from unstuck.report.ladder import TOP, WIDEST, drawing
from unstuck.report.numbers import number
from unstuck.report.picture.picture import WIDE, Picture

OPEN = 30.0  # times the median: a range up to there has no upper end
HIGH = 10.0  # times the highest level: the loss runs away
ROOM = 3.0  # lengths of the run up to which what is foreseen is drawn to scale
SMOOTH = 15  # points of a running median through a curve that jumps
JUMPS = 0.15  # of the curve's range, from point to point in the median: it jumps
WORDS = {
    "start": "start",
    "constant": "constant",
    "linear": "linear",
    "quadratic": "quadratic",
    "learner": "learner",
    "floor": "floor",
    "goal": "goal",
}


@dataclasses.dataclass(frozen=True, slots=True)
class _Rung:
    words: str
    loss: float
    goal: bool = False


def course(diagnosis: Diagnosis, ahead: Ahead | None = None) -> Picture | None:
    """Return the picture of the run's loss; None where no loss was recorded."""
    loss = diagnosis.loss
    if loss is None or not loss.curve:
        return None
    ladder = diagnosis.ladder if loss.comparable else None

    def draw(width: float, paint: Paint) -> Markup:
        return _Drawn(loss, ladder, ahead if ladder else None, width, paint).svg(said)

    said = _said(loss, ladder, ahead)
    return Picture(
        "loss",
        "The loss, step by step",
        _caption(loss, ladder, ahead),
        said,
        draw,
        table=_table(diagnosis.ladder),
        width=WIDE,
    )


def _said(loss: LossSummary, ladder: Ladder | None, ahead: Ahead | None) -> str:
    steps = f"{loss.steps:,} step{'s' * (loss.steps != 1)}"
    words = f"Line chart of the loss over {steps}, from {number(loss.start)} to {number(loss.end)}."
    if ladder is not None:
        rungs = ", ".join(f"{rung.words} {number(rung.loss)}" for rung in _rungs(ladder))
        words += f" Levels: {rungs}."
    return words + (f" {_foreseen(ahead)}" if ladder and ahead else "")


def _caption(loss: LossSummary, ladder: Ladder | None, ahead: Ahead | None) -> str:
    if not loss.comparable:
        return (
            "The recorded loss. It is not the one that the run is judged by, so the ladder is not drawn"
            " over it; its numbers are below."
        )
    if ladder is None:
        return "The recorded loss. There is nothing to compare it with."
    if not math.isfinite(loss.end):
        words = f"From about step {_numbers_end(loss):,} on the loss is no number. "
    else:
        words = ""
    words += (
        "The curve is this run. Each level is what a simple predictor would score on the same rows"
    )
    if ladder.goal is not None:
        words += "; below the dashed one the network counts as having learned"
    return f"{words}.{f' {_foreseen(ahead)}' if ahead else ''}"


def _numbers_end(loss: LossSummary) -> int:
    return next((step for step, value in loss.curve if not math.isfinite(value)), loss.steps)


def _foreseen(ahead: Ahead) -> str:
    if math.isfinite(ahead.median):
        low, high = number(_round(ahead.low)), number(_round(ahead.high))
        span = f"at least {low}" if ahead.high > OPEN * ahead.median else f"{low} to {high}"
        return f"Going on like this, it would need {span} more steps to the goal ({ahead.how})."
    if ahead.plateau is not None:
        return f"Going on like this, it comes to rest at {number(ahead.plateau)} ({ahead.how})."
    return f"Going on like this, it would not get to the goal ({ahead.how})."


def _round(steps: float) -> float:
    """Two digits: a forecast knows no more."""
    return float(f"{steps:.2g}")


def _rungs(ladder: Ladder) -> list[_Rung]:
    """The levels from the largest loss to the smallest; equal ones share a line."""
    known = [
        _Rung(WORDS[name], loss)
        for name, loss in ladder.rungs.items()
        if loss is not None and math.isfinite(bounded(loss)) and name != "start"
    ]
    ordered = sorted(known, key=lambda rung: -rung.loss)
    merged = [
        _Rung(", ".join(rung.words for rung in same), level)
        for level, same in (
            (rungs[0].loss, rungs)
            for _, found in groupby(ordered, key=lambda rung: number(rung.loss))
            for rungs in [list(found)]
        )
    ]
    known_goal = ladder.goal is not None and math.isfinite(bounded(ladder.goal))
    goal = [_Rung(WORDS["goal"], ladder.goal or 0.0, True)] if known_goal else []
    return sorted([*merged, *goal], key=lambda rung: -rung.loss)


def _table(ladder: Ladder | None) -> tuple[tuple[str, ...], ...]:
    if ladder is None:
        return ()
    rows = [
        (WORDS[name], "not run" if loss is None else number(loss))
        for name, loss in ladder.rungs.items()
    ]
    rows.append(("this run", number(ladder.end)))
    if ladder.goal is not None:
        rows.append(("goal", number(ladder.goal)))
    return (("level", "loss"), *rows)


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
        self.rungs = [] if ladder is None else _rungs(ladder)
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
        across = Scale(0.0, self.last + reach, left, self.width - beside)
        return Frame(across, up, self.paint)

    def _reach(self) -> float:
        """Steps beyond the end that are drawn: to the forecast's median, where that is near."""
        if (
            self.ahead is None
            or self.last < self.loss.steps - 1
            or not math.isfinite(self.ahead.median)
        ):
            return 0.0
        far = self.ahead.high if math.isfinite(self.ahead.high) else self.ahead.median
        limit = ROOM * max(self.loss.steps, 1)
        if far <= limit:
            return far * 1.03
        return self.ahead.median * 1.1 if self.ahead.median * 1.1 <= limit else 0.0

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
        near = [value for value in values if value <= far * top or climbs or not levels]
        logarithmic = logarithmic or (climbs and min([*values, *levels], default=0.0) >= 0)
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

    def _label(self, rung: _Rung) -> str:
        return f"{rung.words} {number(rung.loss)}"

    def svg(self, said: str) -> Markup:
        children: list[Child] = [
            self.frame.axes("updates", f"loss ({self.loss.name})", ticks=self.ticks),
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
        return [(self.frame.x(step), self.frame.y(value)) for step, value in points]

    def _line(self) -> list[Child]:
        known = [(s, value) for s, value in self.curve if math.isfinite(value) and s <= self.last]
        if len(known) <= 1:
            return []
        whole = path(self._pixels(known))
        if not _jumps([value for _, value in known]):
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
        last = frame.x(end + ahead.high) if math.isfinite(ahead.high) else frame.right
        dashed = [(end, self._last()), *((end + s, v) for s, v in ahead.curve)]
        drawn: list[Child] = [
            frame.line(
                frame.x(end + ahead.low),
                goal,
                last,
                goal,
                stroke=self.paint.accent,
                stroke_width=5.0,
            ),
            element(
                "circle",
                cx=frame.x(end + ahead.median),
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
        x, y = frame.x(last[0]), frame.y(told if math.isfinite(told) else last[1])
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


def _jumps(values: list[float]) -> bool:
    """Whether the curve is too noisy to be followed by eye."""
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < 2 * SMOOTH:
        return False
    moves = sorted(abs(b - a) for a, b in pairwise(finite))
    ranked = sorted(finite)
    span = ranked[int(0.95 * len(ranked))] - ranked[int(0.05 * len(ranked))]
    return span > 0 and moves[len(moves) // 2] > JUMPS * span


def _running(values: list[float]) -> list[float]:
    """Return the running median over `SMOOTH` points."""
    half = SMOOTH // 2
    windows = (values[max(0, i - half) : i + half + 1] for i in range(len(values)))
    return [sorted(window)[len(window) // 2] for window in windows]
