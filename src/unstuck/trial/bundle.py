"""The loss curves of an ensemble, thinned to what a picture of it needs: quartiles and a few members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unstuck.core.trial import Bundle

POINTS = 80  # of a curve that are kept: more cannot be told apart in a picture
SINGLE = 9  # members whose curves are kept, evenly by where they end
DIGITS = 5  # significant ones: half a pixel of any picture

Losses = np.ndarray[Any, np.dtype[Any]]


def bundle(steps: Sequence[int], losses: Losses) -> Bundle:
    """Return the bundle of an ensemble; steps: (s,) ascending; losses: (s, members).

    What is no number counts as infinite, so that a quartile of diverged networks is infinite too.
    """
    few = np.unique(np.linspace(0, len(steps) - 1, POINTS).round().astype(int))
    kept = np.where(np.isfinite(losses[few]), losses[few], np.inf).astype(float)
    count = kept.shape[1]
    ranked = np.sort(kept, axis=1)
    low, median, high = (ranked[:, round(q * (count - 1))] for q in (0.25, 0.5, 0.75))
    order = np.argsort(kept[-1], kind="stable")
    single = order[np.unique(np.linspace(0, count - 1, SINGLE).round().astype(int))]
    return Bundle(
        tuple(int(steps[i]) for i in few),
        _short(low),
        _short(median),
        _short(high),
        tuple(_short(kept[:, member]) for member in single),
    )


def _short(values: Losses) -> tuple[float, ...]:
    return tuple(float(f"{value:.{DIGITS}g}") for value in values)
