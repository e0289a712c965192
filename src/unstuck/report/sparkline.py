"""The loss curve as a line of blocks, as high as the loss is on the ladder's scale."""

from __future__ import annotations

import math
import statistics

from unstuck.core.diagnosis import Ladder, LossSummary
from unstuck.report.ladder import heights
from unstuck.report.marks import Marks

FEWEST = 8  # points below which a line of them says less than its two ends


def sparkline(loss: LossSummary, ladder: Ladder, marks: Marks, *, columns: int) -> str:
    """Return a sign for each of so many equal parts of the run, "" where the curve is too short.

    A part without a loss that is a number has a sign of its own.
    """
    if len(loss.curve) < FEWEST or not loss.comparable:
        return ""
    parts = _parts(loss, columns)
    levels = heights(ladder, parts, levels=len(marks.blocks))
    return "".join(
        marks.unknown if math.isnan(part) else marks.blocks[-1 if level is None else level]
        for part, level in zip(parts, levels, strict=True)
    )


def _parts(loss: LossSummary, columns: int) -> list[float]:
    """Return the median loss of each part; a part between two points has the former's."""
    last = max(step for step, _ in loss.curve)
    found: list[list[float]] = [[] for _ in range(columns)]
    for step, value in loss.curve:
        found[min(columns - 1, step * columns // (last + 1))].append(value)
    parts: list[float] = []
    for values in found:
        parts.append(_middle(values) if values else parts[-1])
    return parts


def _middle(values: list[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return statistics.median_low(known) if known else math.nan
