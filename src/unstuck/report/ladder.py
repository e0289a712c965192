"""The ladder of losses as a drawing: one line a rung, the run and the goal among them.

Belongs here: which rungs are shown, in which order, and where their marks stand. Does not belong
here: colours and terminals.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable
from typing import Literal

from unstuck.core.diagnosis import RUNGS, Ladder

Kind = Literal["rung", "run", "goal"]

WIDEST = 40  # columns of the drawing on a terminal, which decide whether its scale is logarithmic
TOP = 100.0  # a start or a run this many times above the other rungs is drawn off the scale
NEGLIGIBLE = 0.1  # below a tenth of the goal, losses need not be told apart
NOTHING = 1e-6  # nor below a millionth of the largest one: single precision hardly can


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One line of the drawing; column None: off the scale."""

    label: str
    loss: float
    kind: Kind
    column: int | None
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Drawing:
    """The lines from the largest loss to the smallest, and whether the columns are logarithmic."""

    rows: tuple[Row, ...]
    logarithmic: bool


def drawing(ladder: Ladder, *, columns: int, steps: int | None = None) -> Drawing:
    """Place every measured rung, the run and the goal on `columns` columns."""
    points = _points(ladder, steps)
    scale = _scale(points, ladder.goal, columns)
    rows = tuple(dataclasses.replace(row, column=scale.column(row.loss)) for row in _sorted(points))
    return Drawing(rows, scale.logarithmic)


def heights(ladder: Ladder, losses: Iterable[float], *, levels: int) -> list[int | None]:
    """Return the level of each loss on the ladder's scale, from 0; None beyond it."""
    points = _points(ladder, None)
    drawn = _scale(points, ladder.goal, WIDEST)
    scale = dataclasses.replace(drawn, columns=levels)
    return [scale.column(loss) for loss in losses]


def _points(ladder: Ladder, steps: int | None) -> list[Row]:
    rungs = [
        Row(name, loss, "rung", None)
        for name in RUNGS
        if (loss := ladder.rungs.get(name)) is not None
    ]
    after = "" if steps is None else f"after {steps:,} step{'s' * (steps != 1)}"
    run = Row("this run", ladder.end, "run", None, after)
    goal = [] if ladder.goal is None else [Row("goal", ladder.goal, "goal", None)]
    return [*rungs, run, *goal]


def _sorted(rows: Iterable[Row]) -> list[Row]:
    """Largest loss first (NaN above all); of equal losses the rung before the run that sits on it."""
    return sorted(rows, key=lambda row: -math.inf if math.isnan(row.loss) else -row.loss)


@dataclasses.dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    columns: int
    logarithmic: bool

    def column(self, loss: float) -> int | None:
        """Return the column of a loss, None where it lies beyond the scale."""
        if math.isnan(loss) or loss > self.high * (1 + 1e-9) + 1e-300:
            return None
        if loss <= self.low:
            return 0
        if self.logarithmic:
            share = math.log(loss / self.low) / math.log(self.high / self.low)
        else:  # halves, since the difference of two large losses may be no number
            span = self.high / 2 - self.low / 2 or 1.0  # the least number of all has no half
            share = (loss / 2 - self.low / 2) / span
        return min(self.columns - 1, round(share * (self.columns - 1)))


def _scale(rows: Iterable[Row], goal: float | None, columns: int) -> _Scale:
    """Linear from zero, unless that would draw two losses a factor of two apart in one column."""
    losses = _drawn(list(rows))
    high, low = max(losses, default=1.0), min(0.0, min(losses, default=0.0))
    if high <= low:
        return _Scale(low, low + 1.0, columns, False)
    linear = _Scale(low, high, columns, False)
    least = max(NEGLIGIBLE * (goal or 0.0), NOTHING * high)
    positive = sorted({loss for loss in losses if loss > least})
    crowded = any(
        larger >= 2 * smaller and linear.column(larger) == linear.column(smaller)
        for smaller, larger in itertools.pairwise(positive)
    )
    if low < 0 or not crowded:
        return linear
    return _Scale(positive[0] / 2 or positive[0], high, columns, True)


def _drawn(rows: list[Row]) -> list[float]:
    """The losses that set the scale: all, but for a start or a run far above every other rung."""
    finite = [row for row in rows if math.isfinite(row.loss)]
    steady = [row.loss for row in finite if row.label not in {"start", "this run"}]
    top = max(steady, default=math.inf)
    limit = top * TOP if top > 0 else math.inf
    return [row.loss for row in finite if row.loss <= limit]
