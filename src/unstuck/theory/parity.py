"""A signal that no part of the inputs hints at: the parity of several of them.

Of a few inputs every parity is scored at once, and the best compared with what the best explains of
shuffled targets. Of many inputs, one that holds in every row is solved for.
"""

from __future__ import annotations

import numpy as np

from unstuck.core.recording import Array
from unstuck.theory.hidden import Hidden
from unstuck.theory.problem import Indices

FEWEST_BITS = 3  # a parity of two is a product, which quadratic models and trees find
MOST_BITS = 14  # two-valued inputs; 2^14 parities are scored in a few milliseconds
MOST_SOLVED = 512  # two-valued inputs; the equations of so many are solved in about a second
SPARE = 20  # rows beyond the inputs: labels drawn by lot fit some parity once in 2^20 times
SHUFFLES = 20  # the best of which is taken for what chance explains


def best_parity(inputs: Array, targets: Array) -> Hidden | None:
    """Return the parity of three inputs or more that explains most of the targets (n, k).

    what: the inputs (n, d) as bits of a number. For every parity at once, by the fast Walsh-Hadamard
    transform (O'Donnell 2014, Analysis of Boolean Functions, section 1.2), up to 14 inputs; of more,
    the one that gives two-valued targets without an exception, by elimination over the field of two
    elements. Inputs that never vary are passed over. None where the others are not all two-valued, too
    few or too many.
    """
    low, high = inputs.min(0), inputs.max(0)
    bits, varied = inputs == high, np.flatnonzero(low < high)
    if not (bits | (inputs == low)).all() or not FEWEST_BITS <= len(varied) <= MOST_SOLVED:
        return None
    if not (targets != targets[0]).any():
        return None
    search = _scored if len(varied) <= MOST_BITS else _solved
    found = search(bits[:, varied], targets)
    if found is None:
        return None
    what = sum(1 << int(column) for bit, column in enumerate(varied) if found.what >> bit & 1)
    return Hidden(what, found.share, found.chance)


def _scored(bits: Array, targets: Array) -> Hidden:
    count, centred = bits.shape[1], targets - targets.mean(0)
    place = bits.astype(np.int64) @ (1 << np.arange(count))
    shares = _shares(place, centred, count)
    best = int(shares.argmax())
    random = np.random.default_rng(0)
    chance = max(
        float(_shares(place, random.permutation(centred), count).max()) for _ in range(SHUFFLES)
    )
    return Hidden(best, float(shares[best]), chance)


def _solved(bits: Array, targets: Array) -> Hidden | None:
    """Return the subset of bits (n, d) whose parity, or its opposite, is in every row the target."""
    ones = (targets == targets[0]).all(1)
    two_valued = len(np.unique(targets[~ones], axis=0)) == 1
    count = bits.shape[1]
    if not two_valued or len(bits) < count + SPARE:
        return None
    rows = np.column_stack([ones, bits, np.ones(len(bits), bool)])
    equations = [
        int.from_bytes(row.tobytes(), "little") for row in np.packbits(rows, 1, bitorder="little")
    ]
    kept: dict[int, int] = {}  # by its highest bit: an equation in which no other one has that bit
    for equation in equations:
        for top, other in kept.items():
            if equation >> top & 1:
                equation ^= other
        if not equation:
            continue
        top = equation.bit_length() - 1
        if top == 0:  # nothing of the inputs is left, and yet something of the target
            return None
        for place, other in kept.items():
            if other >> top & 1:
                kept[place] = other ^ equation
        kept[top] = equation
    subset = sum(1 << top - 1 for top, equation in kept.items() if top <= count and equation & 1)
    return Hidden(subset, 1.0, 0.0) if subset.bit_count() >= FEWEST_BITS else None


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
