"""What is said of the loss's picture: its levels, its caption, and the numbers behind it."""

from __future__ import annotations

import dataclasses
import math
from itertools import groupby, pairwise

from unstuck.core.diagnosis import Ladder, LossSummary
from unstuck.core.pictures import Ahead
from unstuck.report.chart.scale import bounded
from unstuck.report.numbers import number

OPEN = 30.0  # times the median: a range up to there has no upper end
SMOOTH = 15  # points of a running median through a curve that jumps
JUMPS = 0.15  # of the curve's range, from point to point in the median: it jumps


@dataclasses.dataclass(frozen=True, slots=True)
class Rung:
    """A level of the ladder in the picture; goal: the one that counts as learned."""

    words: str
    loss: float
    goal: bool = False


def described(loss: LossSummary, ladder: Ladder | None, ahead: Ahead | None) -> str:
    """Return the picture in words, for somebody who cannot see it."""
    steps = f"{loss.steps:,} step{'s' * (loss.steps != 1)}"
    words = f"Line chart of the loss over {steps}, from {number(loss.start)} to {number(loss.end)}."
    if ladder is not None:
        levels = ", ".join(f"{rung.words} {number(rung.loss)}" for rung in rungs(ladder))
        words += f" Levels: {levels}."
    return words + (f" {_foreseen(ahead)}" if ladder and ahead else "")


def caption(loss: LossSummary, ladder: Ladder | None, ahead: Ahead | None) -> str:
    """Return what to see in the picture."""
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
    if jumps([value for _, value in loss.curve]):
        words += "Thin: single steps; thick: their running median. "
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


def rungs(ladder: Ladder) -> list[Rung]:
    """The levels from the largest loss to the smallest; equal ones share a line."""
    known = [
        Rung(name, loss)
        for name, loss in ladder.rungs.items()
        if loss is not None and math.isfinite(bounded(loss)) and name != "start"
    ]
    ordered = sorted(known, key=lambda rung: -rung.loss)
    merged = [
        Rung(", ".join(rung.words for rung in same), level)
        for level, same in (
            (same[0].loss, same)
            for _, found in groupby(ordered, key=lambda rung: number(rung.loss))
            for same in [list(found)]
        )
    ]
    known_goal = ladder.goal is not None and math.isfinite(bounded(ladder.goal))
    goal = [Rung("goal", ladder.goal or 0.0, True)] if known_goal else []
    return sorted([*merged, *goal], key=lambda rung: -rung.loss)


def table(ladder: Ladder | None) -> tuple[tuple[str, ...], ...]:
    """Return the levels as a table."""
    if ladder is None:
        return ()
    rows = [
        (name, "not run" if loss is None else number(loss)) for name, loss in ladder.rungs.items()
    ]
    rows.append(("this run", number(ladder.end)))
    if ladder.goal is not None:
        rows.append(("goal", number(ladder.goal)))
    return (("level", "loss"), *rows)


def jumps(values: list[float]) -> bool:
    """Whether the curve is too noisy to be followed by eye."""
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < 2 * SMOOTH:
        return False
    moves = sorted(abs(b - a) for a, b in pairwise(finite))
    ranked = sorted(finite)
    span = ranked[int(0.95 * len(ranked))] - ranked[int(0.05 * len(ranked))]
    return span > 0 and moves[len(moves) // 2] > JUMPS * span
