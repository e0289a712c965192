"""A chunk: networks of one cell that are trained together, and what came of each of them."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import numpy as np

from unstuck.core.setup import Setup

Array = np.ndarray[Any, np.dtype[Any]]
Engine = Literal["stacked", "jax", "graph"]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Work:
    """Everything that a worker needs: which networks of which training, and the loss that counts.

    first, count: the members of the cell, whose starts depend on their number and `seed` alone; goal: the
    loss at or below which a network has learned; engine: who trains it ("stacked" falls back to "graph"
    where it cannot follow the Setup); device: of torch.
    """

    key: str
    setup: Setup
    first: int
    count: int
    goal: float
    seed: int = 0
    engine: Engine = "stacked"
    device: str = "cpu"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of a chunk. losses: (count,) float32, judged at the end over all rows; hits: (count,) int32,
    the update after which each was first seen at the goal, -1 where it is not there in the end.
    seconds: processor time.
    """

    key: str
    losses: Array
    hits: Array
    seconds: float

    @property
    def learned(self) -> int:
        """How many networks are at the goal in the end."""
        return int((self.hits >= 0).sum())
