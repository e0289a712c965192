"""What a family of probes returns: tables, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from unstuck.core.recording import Recording, Table
from unstuck.probe.subject import Subject

Measured = dict[str, Table | str]
"""Quantity -> its table, or the reason why it could not be measured."""

Family = Callable[[Subject, Recording], Measured]
"""Measures related quantities of a subject; the recording holds what was measured before."""


def table(quantity: str, steps: Sequence[int], rows: Sequence[Mapping[str, float]]) -> Table:
    """Return a table from one mapping (site -> value) a step; all rows have the same sites."""
    sites = tuple(rows[0])
    values = np.array([[row[site] for site in sites] for row in rows], np.float64)
    return Table(quantity, tuple(steps), sites, values.reshape(len(rows), len(sites)))
