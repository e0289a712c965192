"""What a store does: keep what came of each chunk under its key, once, and say what is there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from unstuck.lab.engine.chunk import Array, Outcome

SCHEMA = 1
"""Version of the tables; a store of a later one is left as it is."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A chunk as it was kept: networks first … first + count - 1 of a cell, as in `Outcome`."""

    cell: str
    first: int
    count: int
    losses: Array
    hits: Array
    seconds: float

    @property
    def learned(self) -> int:
        """How many of the networks are at the goal in the end."""
        return int((self.hits >= 0).sum())


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """A study that a store knows: its text as it was run last, and when that was (ISO 8601, UTC).

    given: what was said beside the text, as JSON: ``{"seeds": 200, "engine": "jax", …}``.
    """

    name: str
    written: str
    folder: str
    when: str
    given: str = "{}"


class Store(Protocol):
    """Somewhere to keep chunks. Raises Mistaken where that cannot be read or written."""

    where: str

    def put(self, cell: str, first: int, outcome: Outcome) -> None:
        """Keep what came of a chunk, at once and for good; one that is there already stays as it is."""

    def chunks(self, cells: Iterable[str]) -> Iterator[Kept]:
        """Yield what is kept of these cells, those of a cell by first network."""

    def note(self, listed: Listed) -> None:
        """Remember a study under its name."""

    def studies(self) -> list[Listed]:
        """Return the studies that were run into this store, by name."""

    def close(self) -> None:
        """Let go of the store."""


def packed(array: Array) -> bytes:
    """Return little-endian bytes of losses (float32) or hits (int32)."""
    return array.astype(array.dtype.newbyteorder("<")).tobytes()


def kept(cell: str, first: int, count: int, losses: bytes, hits: bytes, seconds: float) -> Kept:
    """Return a row of the table as a chunk."""
    return Kept(
        cell,
        first,
        count,
        np.frombuffer(losses, "<f4").astype(np.float32),
        np.frombuffer(hits, "<i4").astype(np.int32),
        seconds,
    )
