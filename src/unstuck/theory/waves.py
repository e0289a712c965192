"""Plane waves in targets over few inputs, found one after another: how much they explain, and how fast they are.

A greedy pursuit (Mallat and Zhang 1993) over a grid of frequencies. Each wave is the peak of the
periodogram of what the waves before it leave; all are fitted together by least squares, since rows
need not be evenly spaced (Lomb 1976). They are fitted to one half of the rows and judged by the other.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from unstuck.core.recording import Array

MOST_ROWS = (
    2048  # half of them tell a share of 2 % of the variance from the best of as many waves in noise
)
MOST_INPUTS = 3  # more of them have more directions than can be looked along
FEWEST_ROWS = 64  # half of them hold as many numbers as eight waves have, twice over
MOST_WAVES = 8  # for each input: ripples around a point are waves in every direction
GAIN = 0.01  # of the variance, unseen: a wave that adds less ends the search
STEP = 0.25  # cycles over the range of an input: a peak of the periodogram is about one wide
FASTEST = 1000.0  # cycles along a single input
ALONG = 40.0  # cycles along one of several inputs
ACROSS = {2: 20.0, 3: 10.0}  # cycles in the plane of two of so many: about 3,000 waves to look at
APART = 2.0  # cycles: a wave this near to a stronger one is that wave, growing or dying away
ROUNDING = 1e-12  # of the square: float32 has 1e-14, so that less than this is no variation at all
NUDGES = np.linspace(-0.5, 0.5, 11)  # parts of a step by which a wave is moved onto its peak


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Waves:
    """Waves, the strongest first.

    cycles: (m, d) along each input, over its range; explained: (m,) share of the unseen variance
    explained by a wave and those before it, beside a straight line; line, smooth: the shares explained by
    a straight line alone, and by the best quadratic.
    """

    cycles: Array
    explained: Array
    line: float
    smooth: float


def waves(inputs: Array, targets: Array, *, seed: int = 0) -> Waves:
    """Return the waves in targets (n, k) over inputs (n, d)."""
    order = np.random.default_rng(seed).permutation(len(inputs))[:MOST_ROWS]
    reach = np.ptp(inputs, axis=0)
    places = (inputs - inputs.min(0)) / np.where(reach > 0, reach, 1.0)
    half = len(order) // 2
    split = _Split(places, targets, order[:half], order[half:])
    grid = candidates(places[order])
    found = _pursued(split, grid)
    groups = _grouped(found)
    line = split.score(split.straight)
    explained = [
        split.score(_beside(split, np.concatenate(groups[: count + 1])))
        for count in range(len(groups))
    ]
    heads = np.array([group[0] for group in groups]).reshape(-1, inputs.shape[1])
    return Waves(heads, np.array(explained), line, split.score(_quadratic(places)))


def continued(inputs: Array, targets: Array, test: Array) -> Array:
    """Return predictions (t, k) for `test` by a straight line and the waves in these rows."""
    found = waves(inputs, targets)
    low, reach = inputs.min(0), np.ptp(inputs, axis=0)
    places, asked = ((x - low) / np.where(reach > 0, reach, 1.0) for x in (inputs, test))

    def columns(of: Array) -> Array:
        return np.column_stack([np.ones(len(of)), of, pair(of, found.cycles)])

    return np.asarray(columns(asked) @ np.linalg.lstsq(columns(places), targets, rcond=1e-6)[0])


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """Rows for fitting and others for judging; places: inputs from 0 to 1."""

    places: Array
    targets: Array
    fit: np.ndarray
    held: np.ndarray

    @property
    def straight(self) -> Array:
        """A constant and the inputs, as columns."""
        return np.column_stack([np.ones(len(self.places)), self.places])

    def left(self, columns: Array, rows: np.ndarray) -> Array:
        """Return what a least-squares fit of these columns leaves of the targets in `rows`."""
        weights = np.linalg.lstsq(columns[self.fit], self.targets[self.fit], rcond=1e-6)[0]
        return np.asarray(self.targets[rows] - columns[rows] @ weights)

    def score(self, columns: Array) -> float:
        """Return the share of the variance of the held rows that such a fit explains."""
        total = np.square(self.left(self.straight[:, :1], self.held)).sum()
        if not total > ROUNDING * np.square(self.targets[self.held]).sum():
            return 0.0
        return float(1 - np.square(self.left(columns, self.held)).sum() / total)


def candidates(places: Array) -> Array:
    """Return the frequencies (c, d) that are looked at, in cycles over the range of each input.

    places: (n, d) inputs from 0 to 1. A wave needs four values a cycle to be told from slower ones.
    """
    count, width = places.shape
    most = FASTEST if width == 1 else ALONG
    limits = [min(len(np.unique(column)) / 4, count / 4, most) for column in places.T]
    found = []
    for axis, limit in enumerate(limits):
        steps = np.arange(STEP, limit + 1e-9, STEP)
        found.append(steps[:, None] * np.eye(width)[axis])
    for a, b in itertools.combinations(range(width), 2):
        first, second = (
            np.arange(2 * STEP, min(limits[i], ACROSS.get(width, 0.0)) + 1e-9, 2 * STEP)
            for i in (a, b)
        )
        pairs = np.array(list(itertools.product(first, [*second, *-second]))).reshape(-1, 2)
        found.append(pairs @ np.eye(width)[[a, b]])
    return np.concatenate(found)


def _pursued(split: _Split, grid: Array) -> Array:
    """Return the waves found one after another, until one adds next to nothing to what is explained."""
    found = np.empty((0, grid.shape[1]))
    if not len(grid):
        return found
    turns = np.exp(-2j * np.pi * (split.places[split.fit] @ grid.T)).astype(np.complex64)
    columns, before = split.straight, split.score(split.straight)
    while len(found) < MOST_WAVES * grid.shape[1]:
        left = split.left(columns, split.fit)
        power = np.square(np.abs(left.T.astype(np.complex64) @ turns)).sum(0)
        wave = _nudged(split, grid[int(power.argmax())], left)
        columns = np.column_stack([columns, pair(split.places, wave[None])])
        now = split.score(columns)
        if now < before + GAIN:
            break
        found, before = np.concatenate([found, wave[None]]), now
    return found


def _nudged(split: _Split, wave: Array, left: Array) -> Array:
    """Return the wave moved along each input that it runs along onto its peak, half a step away at most."""
    for part, axis in itertools.product((1.0, 0.1), np.flatnonzero(wave)):
        near = np.tile(wave, (len(NUDGES), 1))
        near[:, axis] += part * STEP * NUDGES
        turns = np.exp(-2j * np.pi * (split.places[split.fit] @ near.T))
        wave = near[int(np.square(np.abs(left.T @ turns)).sum(0).argmax())]
    return wave


def pair(places: Array, cycles: Array) -> Array:
    """Return sine and cosine (n, 2m) of waves with so many cycles (m, d)."""
    phase = 2 * np.pi * places @ cycles.T
    return np.column_stack([np.sin(phase), np.cos(phase)])


def _beside(split: _Split, cycles: Array) -> Array:
    return np.column_stack([split.straight, pair(split.places, cycles)])


def _grouped(found: Array) -> list[Array]:
    """Return each wave that is far from all stronger ones, with the ones near to it behind it."""
    groups: list[Array] = []
    for wave in found:
        near = [i for i, g in enumerate(groups) if np.linalg.norm(g[0] - wave) <= APART]
        if near:
            groups[near[0]] = np.concatenate([groups[near[0]], wave[None]])
        else:
            groups.append(wave[None])
    return groups


def _quadratic(places: Array) -> Array:
    """Return a constant, the inputs, their squares and products, as columns."""
    width = places.shape[1]
    products = [
        places[:, a] * places[:, b]
        for a, b in itertools.combinations_with_replacement(range(width), 2)
    ]
    return np.column_stack([np.ones(len(places)), places, *products])
