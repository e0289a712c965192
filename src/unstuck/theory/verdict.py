"""Whether the run learned, from the ladder, the loss curve and the goal; and one sentence about it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from unstuck.core.diagnosis import Verdict
from unstuck.core.recording import Array
from unstuck.theory.forecast import Forecast, forecast, smoothed_end
from unstuck.theory.goal import NOTHING, Goal

DIVERGED = 3.0  # times the larger of start and constant: no healthy run ends there
SUBSTANTIAL = 0.1  # of the constant's loss: a floor above it deserves its name
CLOSE = 0.05  # of the constant's loss: as good as the constant, when there is nothing to learn
LATE = 0.1  # share of the run that is its late part
LATE_GAIN = 0.01  # of what is left to the goal, gained late: still descending
PATIENCE = 10.0  # times the steps already run that a forecast may ask for
BLOCKS = 20  # equal parts of a curve whose means are compared, as long as the part called its end
SWING = (
    0.5  # of the gap from constant to goal, learned and lost again: no law continues such a curve
)
ON_RUNG = 0.02  # of the rung's loss: the run ended on it

Rungs = Mapping[str, float | None]


def verdict(
    rungs: Rungs, aim: Goal, *, steps: Array, losses: Array, rows: int
) -> tuple[Verdict, str]:
    """Return the verdict and its sentence.

    rungs: losses by rung with ``start`` and ``end``; steps, losses: (n,) the recorded curve.
    """
    start, end, constant = (rungs.get(name) for name in ("start", "end", "constant"))
    ran = int(steps[-1]) + 1 if len(steps) else 0
    if end is None or not math.isfinite(end):
        if end is None and len(losses) == 0:
            return "unknown", "Unknown: no loss was recorded."
        return "diverged", f"Diverged: after {ran:,} steps the loss is not a number."
    opening = f"after {ran:,} {_plural('step', ran)} the loss is {number(end)}"
    if constant is None:
        return "unknown", f"Unknown: {opening}, and there is nothing to compare it with."
    if start is not None and constant > 0 and end > DIVERGED * max(start, constant):
        return "diverged", (
            f"Diverged: {opening}; it began at {number(start)}, and a constant prediction would"
            f" score {number(constant)}."
        )
    if aim.loss is None:
        return _without_goal(end, constant, aim, opening, steps, losses)
    if end <= aim.loss:
        return _met(rungs, aim, opening, rows)
    return _missed(rungs, aim, opening, steps, losses, rows)


def _without_goal(
    end: float, constant: float, aim: Goal, opening: str, steps: Array, losses: Array
) -> tuple[Verdict, str]:
    margin = CLOSE * abs(constant)
    if end < constant - 2 * margin:
        return (
            "learned",
            f"Learned: {opening}, below the {number(constant)} of a constant; {aim.why}.",
        )
    if end <= constant + margin and not aim.why.startswith(NOTHING):
        return (
            "unknown",
            f"Unknown: {opening}, and what is achievable could not be found: {aim.why}.",
        )
    if end <= constant + margin:
        return "floor", f"At the floor: {opening}, and there is {aim.why}."
    fore = forecast(steps, losses, constant + margin)
    ran = _length(steps)
    word: Verdict = "slow" if fore.median <= PATIENCE * ran else "stuck"
    return word, (
        f"{word.capitalize()}: {opening}, more than the {number(constant)} of a constant prediction,"
        " and nothing better than that is known to be achievable."
    )


def _met(rungs: Rungs, aim: Goal, opening: str, rows: int) -> tuple[Verdict, str]:
    constant, floor = rungs["constant"] or 0.0, rungs.get("floor")
    if floor is not None and floor > SUBSTANTIAL * abs(constant):
        return "floor", (
            f"At the floor: {opening}; no function of these inputs can score less than"
            f" {number(floor)} on these {rows:,} rows."
        )
    return "learned", (
        f"Learned: {opening}; a constant prediction would score {number(constant)}, and"
        f" {number(aim.reference)} is known to be achievable on these {rows:,} rows."
    )


def _missed(
    rungs: Rungs, aim: Goal, opening: str, steps: Array, losses: Array, rows: int
) -> tuple[Verdict, str]:
    assert aim.loss is not None
    left = (rungs["end"] or 0.0) - aim.loss
    lowest = min(rungs.get("floor") or 0.0, aim.loss)
    fore = forecast(steps, losses, aim.loss, lowest=lowest)
    achievable = f"{number(aim.loss)} or less is achievable on these {rows:,} rows"
    lost = _lost(losses, (rungs["constant"] or 0.0) - aim.loss, aim.loss)
    if lost is not None:
        low, high = lost
        swings = f"and swings (it fell to {number(low)} and rose to {number(high)})"
        return "stuck", f"Stuck: {opening} {swings}, {_place(rungs)}; {achievable}."
    if late_gain(losses) >= LATE_GAIN * left and fore.median <= PATIENCE * _length(steps):
        return "slow", f"Slow: {opening} and still falling; {achievable}, {_wait(fore)}."
    return "stuck", f"Stuck: {opening}, {_place(rungs)}; {achievable}."


def _lost(losses: Array, gap: float, goal: float) -> tuple[float, float] | None:
    """Return the low and the later high between which a run lost what it had learned, if it did.

    losses: (n,) the curve; gap: the constant's loss above the goal.
    """
    if gap <= 0:
        return None
    blocks = [part.mean() for part in np.array_split(losses, min(BLOCKS, len(losses)))]
    lowest = math.inf
    for place, mean in enumerate(map(float, blocks)):
        lowest = min(lowest, mean)
        if lowest <= goal + (1 - SWING) * gap and mean - lowest >= SWING * gap:
            return lowest, max(map(float, blocks[place:]))
    return None


def late_gain(losses: Array) -> float:
    """Return by how much the smoothed loss fell over the last tenth of the curve (n,)."""
    late = max(int(len(losses) * LATE), 1)
    if len(losses) <= late:
        return 0.0
    return smoothed_end(losses[:-late]) - smoothed_end(losses)


def _wait(fore: Forecast) -> str:
    if math.isinf(fore.high):
        return f"probably after {_round(fore.low)} more steps or later"
    return f"probably after {waited(fore.low, fore.high)}"


def waited(low: float, high: float) -> str:
    """Return a range of steps to come in words."""
    if _round(low) == _round(high):
        return f"{_round(low)} more steps"
    return f"{_round(low)} to {_round(high)} more steps"


def _round(steps: float) -> str:
    """Return a number of steps with the one or two digits that a forecast deserves."""
    size = 10 ** max(math.floor(math.log10(max(steps, 1))) - 1, 0)
    return f"{math.ceil(steps / size) * size:,}"


NAMES = {
    "constant": "what a constant prediction would score",
    "linear": "what the best linear model would score",
    "quadratic": "what the best quadratic model would score",
}


def _place(rungs: Rungs) -> str:
    """Return where the end lies on the ladder, in words."""
    end, constant = rungs["end"] or 0.0, rungs["constant"] or 0.0
    for rung, words in NAMES.items():
        loss = rungs.get(rung)
        if loss is not None and abs(end - loss) <= ON_RUNG * abs(constant):
            return words
    worse = "more" if end > constant else "less"
    return f"{worse} than the {number(constant)} of a constant prediction"


def number(loss: float | None) -> str:
    """Return a loss as people write it: four significant digits."""
    if loss is None:
        return "unknown"
    if loss == 0:
        return "0"
    return f"{loss:.4f}" if 0.01 <= abs(loss) < 10 else f"{loss:.3g}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _length(steps: Array) -> float:
    return float(np.max(steps)) + 1 if len(steps) else 0.0
