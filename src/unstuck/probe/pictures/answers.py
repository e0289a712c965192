"""What the network answers: against the targets, along the only input, over two, and what it misses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from unstuck.core.pictures import Against, Along, Cells, Residuals, Surface
from unstuck.core.recording import Array
from unstuck.probe.pictures.bins import FINE, cells, histogram, limits, short
from unstuck.probe.pictures.seen import MOST_CLASSES, Seen, answers_at
from unstuck.probe.subject import Unmeasurable

GRID = 120  # answers along one input
SQUARE = 48  # answers along either of two
COARSE = 20  # cells along either side in which rows are counted over them


def against(found: Seen) -> Against:
    """Return the answers against the targets."""
    _numbers(found)
    if found.kind == "classes":
        return _confused(found)
    if found.kind == "yes-no":
        edges = np.linspace(0.0, 1.0, 21)
        yes = found.target > 0.5
        parted = (
            histogram("no", found.answer[~yes], edges),
            histogram("yes", found.answer[yes], edges),
        )
        return Against("yes-no", found.output, parted=parted)
    edges = limits(found.target, found.answer, bins=FINE)
    return Against("number", found.output, cells(found.target, found.answer, edges, edges))


def _numbers(found: Seen) -> None:
    if not np.isfinite(found.answer).any():
        raise Unmeasurable("what the network answers at the end is no number")


def _confused(found: Seen) -> Against:
    if found.classes > MOST_CLASSES:
        raise Unmeasurable(f"{found.classes} classes are too many for a table")
    counts = np.zeros((found.classes, found.classes), int)
    np.add.at(counts, (found.target.astype(int), found.answer.astype(int)), 1)
    return Against("classes", confusion=tuple(tuple(map(int, row)) for row in counts))


def residuals(found: Seen) -> Residuals:
    """Return what the answers miss, beside what the mean of the targets misses."""
    if found.kind != "number":
        raise Unmeasurable("does not apply: the targets are no numbers")
    _numbers(found)
    missed, spread = found.answer - found.target, found.target.mean() - found.target
    edges = limits(missed, spread)
    return Residuals(
        histogram("network", missed, edges), histogram("mean", spread, edges), found.output
    )


def along(found: Seen) -> Along:
    """Return targets and answers along the only input."""
    inputs = found.subject.inputs
    if inputs.shape[1] != 1:
        raise Unmeasurable("does not apply: there is more than one input")
    if found.kind == "classes":
        raise Unmeasurable("does not apply: the targets are classes")
    x = inputs[:, 0]
    edges = limits(x)
    place = np.digitize(x, edges[1:-1])
    bins = [found.target[place == index] for index in range(len(edges) - 1)]
    at = np.linspace(edges[0], edges[-1], GRID)
    answer, before = (answers_at(found, at[:, None], index) for index in (-1, 0))
    two = found.kind == "yes-no" or len(np.unique(found.target)) <= 2  # a mean tells all of them
    low, high = (_each([] if two else bins, _quantile(q)) for q in (0.25, 0.75))
    return Along(
        found.kind,
        short(edges),
        short(_each(bins, lambda part: float(part.mean()))),
        short(low),
        short(high),
        tuple(len(part) for part in bins),
        short(at),
        short(answer),
        short(before),
    )


def _quantile(q: float) -> Callable[[Array], float]:
    return lambda part: float(np.quantile(part, q))


def _each(bins: list[Array], measure: Callable[[Array], float]) -> Array:
    return np.array([float(measure(part)) if len(part) else np.nan for part in bins])


def surface(found: Seen) -> Surface:
    """Return the answers over two inputs, and the targets of the rows there."""
    inputs = found.subject.inputs
    if inputs.shape[1] != 2:
        raise Unmeasurable("does not apply: there are not two inputs")
    edges = [limits(inputs[:, axis], bins=SQUARE) for axis in (0, 1)]
    edges = [
        np.linspace(e[0] - 0.04 * np.ptp(e), e[-1] + 0.04 * np.ptp(e), SQUARE + 1) for e in edges
    ]
    x, y = ((e[1:] + e[:-1]) / 2 for e in edges)
    _numbers(found)
    grid = np.stack([part.ravel() for part in np.meshgrid(x, y)], axis=1)
    answer = answers_at(found, grid).reshape(SQUARE, SQUARE)
    coarse = [np.linspace(e[0], e[-1], COARSE + 1) for e in edges]
    rows = cells(inputs[:, 0], inputs[:, 1], coarse[0], coarse[1])
    return Surface(
        found.kind,
        short(edges[0]),
        short(edges[1]),
        tuple(short(row) for row in answer),
        rows,
        _targets(found, rows),
    )


def _targets(found: Seen, rows: Cells) -> tuple[tuple[float, ...], ...]:
    """Return the mean target in each cell; of classes the commonest."""
    inputs = found.subject.inputs
    i = np.digitize(inputs[:, 0], rows.x_edges[1:-1])
    j = np.digitize(inputs[:, 1], rows.y_edges[1:-1])
    made = np.full((len(rows.y_edges) - 1, len(rows.x_edges) - 1), np.nan)
    for cell in set(zip(j.tolist(), i.tolist(), strict=True)):
        part = found.target[(j == cell[0]) & (i == cell[1])]
        common = found.kind == "classes"
        made[cell] = np.bincount(part.astype(int)).argmax() if common else part.mean()
    return tuple(short(row) for row in made)
