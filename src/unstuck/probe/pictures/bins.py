"""Numbers counted in bins: what is drawn in place of rows."""

from __future__ import annotations

import numpy as np

from unstuck.core.pictures import Cells, Histogram
from unstuck.core.recording import Array

BINS = 24
FINE = 28  # bins along either side where two numbers are counted together
TAIL = 12.0  # widths of the middle half, beyond which a value would squeeze all others into one bin


def histogram(name: str, values: Array, edges: Array | None = None) -> Histogram:
    """Return the counts of values (n,) in even bins, or in those given."""
    bins = limits(values) if edges is None else edges
    finite = values[np.isfinite(values)]
    counts = np.histogram(finite, bins)[0]
    within = int(counts.sum())
    return Histogram(name, tuple(map(float, bins)), tuple(map(int, counts)), len(values) - within)


def limits(*values: Array, bins: int = BINS) -> Array:
    """Return the edges (bins + 1) of even bins that hold these values, but for those far outside.

    Few distinct whole numbers get a bin each.
    """
    together = np.concatenate([np.ravel(part) for part in values])
    finite = together[np.isfinite(together)]
    if not len(finite):
        return np.linspace(0.0, 1.0, bins + 1)
    distinct = np.unique(finite)
    if 1 < len(distinct) <= bins and np.array_equal(distinct, distinct.round()):
        low, high = distinct[0], distinct[-1]
        if high - low < bins:
            return np.arange(low - 0.5, high + 1.0)
    low, high = _range(finite)
    if not high > low:
        room = max(abs(low), 1.0) * 0.05
        low, high = low - room, high + room
    return np.linspace(low, high, bins + 1)


def _range(finite: Array) -> tuple[float, float]:
    low, high = float(finite.min()), float(finite.max())
    first, third = np.quantile(finite, [0.25, 0.75])
    if third > first:
        reach = TAIL * (third - first)
        low, high = max(low, float(first) - reach), min(high, float(third) + reach)
    return low, high


def cells(x: Array, y: Array, x_edges: Array, y_edges: Array) -> Cells:
    """Return the counts of pairs (n,) in the cells between these edges."""
    known = np.isfinite(x) & np.isfinite(y)
    counts = np.histogram2d(y[known], x[known], (y_edges, x_edges))[0]
    return Cells(
        tuple(map(float, x_edges)),
        tuple(map(float, y_edges)),
        tuple(tuple(int(count) for count in row) for row in counts),
    )


def short(values: Array) -> tuple[float, ...]:
    """Return values with the digits that a picture can show."""
    return tuple(float(f"{value:.5g}") for value in values)
