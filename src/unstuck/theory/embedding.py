"""Rows laid out on a plane so that alike ones lie near each other: t-SNE (van der Maaten and Hinton 2008, JMLR 9:2579)."""

from __future__ import annotations

import warnings

import numpy as np

from unstuck.core.recording import Array
from unstuck.theory.learners import standardised

FEWEST = 20  # rows below which there is nothing to lay out
WIDEST = 30  # columns that are kept, of the most spread directions: t-SNE needs distances only


def embedded(inputs: Array, *, seed: int = 0) -> Array:
    """Return places (n, 2) for rows (n, d) of at least `FEWEST`; distances between far ones mean little."""
    from sklearn.manifold import TSNE  # type: ignore[import-untyped]

    columns = standardised(inputs)
    if columns.shape[1] > WIDEST:
        centred = columns - columns.mean(0)
        left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
        columns = left[:, :WIDEST] * sizes[:WIDEST]
    perplexity = min(30.0, (len(columns) - 1) / 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(columns)
    return np.asarray(made, float)
