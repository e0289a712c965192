"""Kernel machines with a Gaussian kernel, through a hundred landmarks (Williams and Seeger 2001)."""

from __future__ import annotations

import numpy as np

from unstuck.core.recording import Array

LANDMARKS = 100


def features(inputs: Array, test: Array, *, width: float) -> tuple[Array, Array]:
    """Return Nyström features of train inputs (m, d) and test inputs (t, d), (m, c) and (t, c).

    width: the kernel's, in units of the median distance between landmarks; inputs are standardised.
    """
    chosen = np.random.default_rng(0).permutation(len(inputs))[:LANDMARKS]
    landmarks = inputs[chosen]
    between = _squared(landmarks, landmarks)
    apart = between[between > 1e-12]
    scale = width**2 * (np.median(apart) if apart.size else 1.0)
    values, vectors = np.linalg.eigh(np.exp(-between / (2 * scale)))
    kept = values > 1e-9 * values[-1]
    root = vectors[:, kept] / np.sqrt(values[kept])
    return (
        np.exp(-_squared(inputs, landmarks) / (2 * scale)) @ root,
        np.exp(-_squared(test, landmarks) / (2 * scale)) @ root,
    )


def _squared(one: Array, other: Array) -> Array:
    """Return squared distances (m, c) between rows (m, d) and rows (c, d)."""
    products = one @ other.T
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2 * products
    return np.asarray(np.maximum(squares, 0.0))
