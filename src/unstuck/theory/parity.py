"""A signal that no part of the inputs hints at: the parity of several of them.

Every parity is scored at once, and the best compared with what the best explains of shuffled targets.
"""

from __future__ import annotations

import numpy as np

from unstuck.core.recording import Array
from unstuck.theory.hidden import Hidden
from unstuck.theory.problem import Indices

FEWEST_BITS = 3  # a parity of two is a product, which quadratic models and trees find
MOST_BITS = 14  # two-valued inputs; 2^14 parities are scored in a few milliseconds
SHUFFLES = 20  # the best of which is taken for what chance explains


def best_parity(inputs: Array, targets: Array) -> Hidden | None:
    """Return the parity of three inputs or more that explains most of the targets (n, k).

    what: the inputs (n, d) as bits of a number. For every parity at once, by the fast Walsh-Hadamard
    transform (O'Donnell 2014, Analysis of Boolean Functions, section 1.2). Inputs that never vary are
    passed over. None where the others are not all two-valued, too few or too many.
    """
    low, high = inputs.min(0), inputs.max(0)
    bits, varied = inputs == high, np.flatnonzero(low < high)
    if not (bits | (inputs == low)).all() or not FEWEST_BITS <= len(varied) <= MOST_BITS:
        return None
    centred = targets - targets.mean(0)
    if not (centred**2).sum() > 0:
        return None
    place = bits[:, varied].astype(np.int64) @ (1 << np.arange(len(varied)))
    shares = _shares(place, centred, len(varied))
    best = int(shares.argmax())
    random = np.random.default_rng(0)
    chance = max(
        float(_shares(place, random.permutation(centred), len(varied)).max())
        for _ in range(SHUFFLES)
    )
    what = sum(1 << int(varied[bit]) for bit in range(len(varied)) if best >> bit & 1)
    return Hidden(what, float(shares[best]), chance)


def _shares(place: Indices, centred: Array, count: int) -> Array:
    """Return for each subset of so many bits the share of the targets' variance that its parity explains."""
    power = np.zeros(1 << count)
    for column in centred.T:
        sums = np.zeros(1 << count)
        np.add.at(sums, place, column)
        power += (walsh(sums) / len(place)) ** 2
    power[[int(subset).bit_count() < FEWEST_BITS for subset in range(len(power))]] = 0.0
    return np.asarray(power / (centred**2).mean(0).sum())


def walsh(values: Array) -> Array:
    """Return the sum of values (2^d,) times the parity of each subset of the bits of their place."""
    width = 1
    while width < len(values):
        pairs = values.reshape(-1, 2, width)
        values = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], 1).reshape(-1)
        width *= 2
    return values
