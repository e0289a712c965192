"""What the recorded loss curve did: how low it came, what it gained late, how much it swings."""

from __future__ import annotations

import numpy as np

from unstuck.core.recording import Array, Recording, Table
from unstuck.probe.measured import Measured, table

WINDOW = 20  # parts of the run; the running mean spans one of them
LATE = 0.1  # share of the run that is its late part


def measure(recording: Recording) -> Measured:
    """Return ``descent``, ``progress`` and ``swing``; the latter two need the ladder's goal."""
    curve = recording.tables.get("loss")
    if curve is None or not curve.steps:
        return dict.fromkeys(("descent", "progress", "swing"), "no loss was recorded")
    steps, losses = np.array(curve.steps, np.float64), curve.column(curve.sites[0])
    means = running_mean(steps, losses)
    found: Measured = {"descent": _descent(curve.steps, means)}
    gap = _gap(recording)
    if isinstance(gap, str):
        return found | {"progress": gap, "swing": gap}
    late = float(np.interp(steps[-1] - LATE * (steps[-1] + 1), steps, means))
    shares = {"late": (late - means[-1]) / gap, "total": (means[0] - means[-1]) / gap}
    found["progress"] = table("progress", curve.steps[-1:], [shares])
    half = losses[len(losses) // 2 :]
    found["swing"] = (
        table("swing", curve.steps[-1:], [{"loss": float(np.abs(np.diff(half)).mean()) / gap}])
        if len(half) > 1
        else "one step has no change from step to step"
    )
    return found


def running_mean(steps: Array, losses: Array) -> Array:
    """Return the mean loss (n,) over the window that ends at each step.

    steps, losses: (n,). The window is a twentieth of the run, at least one step; at the beginning it
    holds what there is. Losses that are no numbers are passed over; NaN where there is no other.
    """
    window = max((steps[-1] + 1) / WINDOW, 1.0)
    first = np.searchsorted(steps, steps - window, side="right")
    known = np.isfinite(losses)
    sums = np.concatenate(([0.0], np.cumsum(np.where(known, losses, 0.0))))
    counts = np.concatenate(([0], np.cumsum(known)))
    summed, counted = sums[1:] - sums[first], counts[1:] - counts[first]
    return np.asarray(np.where(counted > 0, summed / np.maximum(counted, 1), np.nan))


def _descent(steps: tuple[int, ...], means: Array) -> Table:
    lowest = np.minimum.accumulate(np.where(np.isfinite(means), means, np.inf))
    known = np.where(np.isfinite(lowest), lowest, np.nan)
    return Table("descent", steps, ("reached",), known[:, None])


def _gap(recording: Recording) -> float | str:
    """Return the distance from the constant's loss to the goal, or why there is none."""
    ladder = recording.tables.get("ladder")
    if ladder is None:
        return recording.gaps.get("ladder", "the ladder was not measured")
    gap = ladder.at("constant") - ladder.at("goal")
    if not gap > 0:
        return recording.gaps.get("ladder.goal", "there is no goal")
    return gap
