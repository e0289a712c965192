"""A signal that standard learners miss: rows that are paired wrongly.

The search looks at very many candidates; `chance` is what the best of them explains of noise.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from unstuck.core.recording import Array
from unstuck.theory.learners import standardised

MOST_COLUMNS = 10  # inputs up to which squares and products are looked at too
SURE = (
    4.0  # times what chance explains: beyond any luck, however the candidates depend on each other
)


@dataclasses.dataclass(frozen=True, slots=True)
class Hidden:
    """The best candidate of a search: what it is, the share that it explains, and chance's share."""

    what: int
    share: float
    chance: float

    @property
    def clear(self) -> bool:
        """Whether chance does not explain it."""
        return self.share > SURE * self.chance


def best_shift(inputs: Array, targets: Array) -> Hidden | None:
    """Return by how many rows the targets (n, k) stand behind their inputs (n, d); None if not to tell.

    For every shift at once, by Fourier transform: the share of the targets' variance that lies in the
    span of the inputs, their squares and products. Where the inputs foretell themselves from row to
    row, as a series in time does, another shift always predicts something, and nothing can be told.
    """
    basis = _basis(inputs)
    if basis is None:
        return None
    found = _shifted(basis, targets)
    if found is None or not found.clear:
        return found
    own = _shifted(basis, standardised(inputs), each=True)
    return None if own is None or own.clear else found


def _basis(inputs: Array) -> Array | None:
    """Return orthonormal columns (n, q) that span the inputs and, of few, their products."""
    columns = standardised(inputs)
    if 0 < columns.shape[1] <= MOST_COLUMNS:
        first, second = np.triu_indices(columns.shape[1])
        columns = np.column_stack([columns, standardised(columns[:, first] * columns[:, second])])
    if not columns.shape[1] or 8 * columns.shape[1] > len(columns):
        return None
    basis, triangle = np.linalg.qr(columns - columns.mean(0))
    kept = np.abs(np.diag(triangle)) > 1e-8 * np.abs(triangle).max()
    return np.asarray(basis[:, kept])


def _shifted(basis: Array, targets: Array, *, each: bool = False) -> Hidden | None:
    """Return the best shift other than none; each: of the best single column of the targets."""
    centred = targets - targets.mean(0)
    total = (centred**2).sum(0)
    if not (total > 0).all():
        return None
    n = len(basis)
    rows, columns = np.fft.rfft(basis, axis=0), np.fft.rfft(centred, axis=0)
    power = np.zeros((n, centred.shape[1]))
    for column in range(basis.shape[1]):
        lagged = np.fft.irfft(np.conj(rows[:, [column]]) * columns, n, axis=0)
        power += lagged**2
    shares = (power / total).max(1) if each else power.sum(1) / total.sum()
    shares[0] = 0.0
    best = int(shares.argmax())
    tried = n * (centred.shape[1] if each else 1)
    chance = (basis.shape[1] + 2 * math.log(tried)) / n
    return Hidden(best if best <= n // 2 else best - n, float(shares[best]), chance)
