"""The rows that a perceptron was fitted on: those of one call, or of many calls of `partial_fit`."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from unstuck.core.setup import Tensor

MAX_BYTES = 64 * 2**20
"""Bytes of rows kept for proofs; of what lies above only a sample is."""

IDLE = 32
"""Calls in a row without a row that is new, after which no more are looked for."""

Index = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


class Rows:
    """Inputs and targets, call by call; rows that were there before are kept once.

    count: rows that are kept; complete: whether these are all; first: row numbers of the first steps, None once one is not known.
    """

    def __init__(self) -> None:
        self.complete = True
        self.first: list[Index] | None = []
        self.alike = True  # whether every call had the same rows
        self._parts: list[tuple[Tensor, Tensor]] = []
        self._numbers: dict[bytes, Index] = {}
        self._known: dict[bytes, int] = {}
        self._bytes = self.count = self._idle = 0
        self._now: Index | None = None

    def given(self, X: Any, y: Any) -> None:
        """Note the rows (n, …) that a call trains on; they are copied where they are new."""
        if hasattr(X, "toarray"):
            if _size(X) > MAX_BYTES:
                raise ValueError("the inputs are sparse, and too many to be kept")
            X = X.toarray()
        X, y = np.asarray(X), np.asarray(y)
        if self._idle >= IDLE:  # nothing new comes any more
            self._now = None
            return
        key = _digest(X, y)
        if key not in self._numbers:
            self.alike = not self._numbers
            self._numbers[key] = self._placed(X, y)
        self._now = self._numbers[key]

    def _placed(self, X: Tensor, y: Tensor) -> Index:
        """Keep those rows of a call that are new; return the numbers of all of them."""
        if not self._parts:
            return self._kept(X, y, self._room(X, y))
        if not self._known:
            before = (key for part in self._parts for key in _keys(*part))
            self._known = {key: number for number, key in enumerate(before)}
        keys = _keys(X, y)
        fresh = [place for place, key in enumerate(keys) if key not in self._known]
        self._idle = 0 if fresh else self._idle + 1
        for place in fresh:
            self._known.setdefault(keys[place], -1)
        self._kept(X[fresh], y[fresh], self._room(X[fresh], y[fresh]))
        start = self.count - len(self._parts[-1][0])
        self._known.update(
            {key: start + number for number, key in enumerate(_keys(*self._parts[-1]))}
        )
        return np.array([self._known[key] for key in keys], dtype=np.int64)

    def _kept(self, X: Tensor, y: Tensor, places: Any) -> Index:
        part = (np.array(X[places]), np.array(y[places]))
        self._parts.append(part)
        self._bytes += part[0].nbytes + part[1].nbytes
        self.count += len(part[0])
        return np.arange(self.count - len(part[0]), self.count)

    def _room(self, X: Tensor, y: Tensor) -> Any:
        """Return the places of all rows, or of as many as there is room for."""
        if self._bytes + X.nbytes + y.nbytes <= MAX_BYTES:
            return slice(None)
        self.complete, self.first = False, None
        room = max(MAX_BYTES - self._bytes, 0)
        most = int(room / max((X.nbytes + y.nbytes) / max(len(X), 1), 1))
        return np.sort(np.random.default_rng(0).choice(len(X), min(most, len(X)), replace=False))

    def batch(self, index: Index | None) -> None:
        """Note which rows of this call one of the first steps saw."""
        if self.first is None:
            return
        if index is None or self._now is None:
            self.first = None
            return
        self.first.append(self._now[np.asarray(index, dtype=np.int64)])

    def all(self) -> tuple[Tensor, Tensor]:
        """Return all rows that are kept: inputs (n, d), targets (n, k)."""
        inputs, targets = zip(*self._parts, strict=True)
        return np.concatenate(inputs), np.concatenate(targets)


def _keys(X: Tensor, y: Tensor) -> list[bytes]:
    """Return one key a row: equal rows, equal keys."""
    return [a.tobytes() + b.tobytes() for a, b in zip(X, y, strict=True)]


def _size(X: Any) -> int:
    return int(np.prod(X.shape)) * 8


def _digest(X: Tensor, y: Tensor) -> bytes:
    found = hashlib.blake2b(repr((X.shape, y.shape)).encode(), digest_size=16)
    for part in (X, y):
        found.update(np.ascontiguousarray(part).tobytes())
    return found.digest()
