"""The rows that a perceptron was fitted on: those of one call, or of many calls of `partial_fit`."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from unstuck.core.setup import Tensor

MAX_BYTES = 64 * 2**20
"""Bytes of rows kept for proofs; of what lies above only a sample is."""

Index = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


class Rows:
    """Inputs and targets, call by call: calls with the same rows are kept once.

    complete: whether all rows are kept; first: row numbers of the first steps, None once one is not known.
    """

    def __init__(self) -> None:
        self.complete = True
        self.first: list[Index] | None = []
        self._parts: dict[bytes, tuple[Tensor, Tensor]] = {}
        self._starts: dict[bytes, int] = {}
        self._bytes = 0
        self._count = 0
        self._now: bytes = b""

    def given(self, X: Any, y: Any) -> None:
        """Note the rows (n, …) that a call trains on; they are copied where they are new."""
        X = X.toarray() if hasattr(X, "toarray") and _size(X) <= MAX_BYTES else X
        if hasattr(X, "toarray"):
            raise ValueError("the inputs are sparse, and too many to be kept")
        X, y = np.asarray(X), np.asarray(y)
        self._now = _digest(X, y)
        if self._now in self._parts:
            return
        kept = slice(None) if self._bytes + X.nbytes + y.nbytes <= MAX_BYTES else self._sample(X, y)
        self._parts[self._now] = (np.array(X[kept]), np.array(y[kept]))
        self._starts[self._now] = self._count
        self._count += len(self._parts[self._now][0])
        self._bytes += sum(part.nbytes for part in self._parts[self._now])

    def _sample(self, X: Tensor, y: Tensor) -> Any:
        """Return the places of as many rows as there is room for."""
        self.complete, self.first = False, None
        room = max(MAX_BYTES - self._bytes, 0)
        most = int(room / max((X.nbytes + y.nbytes) / max(len(X), 1), 1))
        return np.sort(np.random.default_rng(0).choice(len(X), min(most, len(X)), replace=False))

    def batch(self, index: Index | None) -> None:
        """Note which rows of this call one of the first steps saw."""
        if self.first is None:
            return
        if index is None:
            self.first = None
            return
        self.first.append(np.asarray(index, dtype=np.int64) + self._starts[self._now])

    @property
    def calls_alike(self) -> bool:
        """Whether every call had the same rows."""
        return len(self._parts) == 1

    def all(self) -> tuple[Tensor, Tensor]:
        """Return all rows that are kept: inputs (n, d), targets (n, k)."""
        inputs, targets = zip(*self._parts.values(), strict=True)
        return np.concatenate(inputs), np.concatenate(targets)


def _size(X: Any) -> int:
    return int(np.prod(X.shape)) * 8


def _digest(X: Tensor, y: Tensor) -> bytes:
    found = hashlib.blake2b(repr((X.shape, y.shape)).encode(), digest_size=16)
    for part in (X, y):
        found.update(np.ascontiguousarray(part).tobytes())
    return found.digest()
