"""Which rows are the same row: the groups of numerically equal ones."""

from __future__ import annotations

import numpy as np

from unstuck.core.recording import Array
from unstuck.theory.problem import Indices

PROJECTIONS = 3  # two different rows agree in three random directions with probability about tol^3


def equal_rows(values: Array, *, tolerance: float = 0.0) -> Indices:
    """Return group numbers (n,), 0 to g - 1, of the rows (n, d) that are equal within `tolerance`.

    tolerance: the difference, in the unit of the values, up to which two rows are the same; groups are
    filled from the smallest value on, so that none is wider than it. 0 compares exactly.
    """
    values = np.asarray(values, np.float64).reshape(len(values), -1)
    if tolerance <= 0 or values.shape[1] == 0:
        return _numbered(np.unique(values + 0.0, axis=0, return_inverse=True)[1])
    directions = _directions(values)
    groups = np.zeros(len(values), np.intp)
    for direction in directions.T:
        groups = _split(groups, values @ direction, tolerance)
    return groups


def _directions(values: Array) -> Array:
    """Return directions (d, p) to compare along: the axes themselves where they are few."""
    width = values.shape[1]
    if width <= PROJECTIONS:
        return np.eye(width)
    drawn = np.random.default_rng(0).normal(size=(width, PROJECTIONS))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=0))


def _split(groups: Indices, along: Array, tolerance: float) -> Indices:
    """Split groups (n,) so that none spans more than `tolerance` along an axis (n,)."""
    order = np.lexsort((along, groups))
    split = np.empty(len(groups), np.intp)
    number, first = -1, (-1, 0.0)
    for row, group, place in zip(order, groups[order].tolist(), along[order].tolist(), strict=True):
        if group != first[0] or place - first[1] > tolerance:
            number, first = number + 1, (group, place)
        split[row] = number
    return split


def _numbered(inverse: Indices) -> Indices:
    return np.asarray(inverse, np.intp).reshape(-1)
