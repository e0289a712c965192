"""Penalised linear fits on given features: ridge regression and logistic regression, tuned by the data."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.special import expit  # type: ignore[import-untyped]

from unstuck.core.recording import Array

Link = Literal["identity", "sigmoid", "softmax"]

RIDGES = np.logspace(-8, 2, 11)  # penalties tried, over the largest eigenvalue of the Gram matrix
EXACT = 1e-12  # of the largest eigenvalue: smaller ones are rounding errors of float64
PENALTIES = (1e-1, 1e-2, 1e-3, 1e-5)  # penalties of logistic fits tried, per row, strong to weak
HELD = 5  # every fifth row decides among them


def fitted(features: Array, targets: Array, test: Array, *, link: Link) -> Array:
    """Return predictions (t, k) for test features (t, c), from features (m, c) and targets (m, k)."""
    mean = features.mean(0)
    features, test = features - mean, test - mean
    if link == "identity":
        return ridge(features, targets, test)
    return _logistic(_with_ones(features), targets, _with_ones(test), link)


def ridge(features: Array, targets: Array, test: Array) -> Array:
    """Return ridge predictions (t, k), the penalty chosen by generalised cross-validation.

    Golub, Heath and Wahba 1979 (Technometrics 21:215). features (m, c) are centred.
    """
    centre = targets.mean(0)
    sizes, right, seen = _directions(features, targets - centre)
    if not sizes.size or sizes[0] == 0:
        return np.broadcast_to(centre, (len(test), targets.shape[1])).copy()
    outside = ((targets - centre) ** 2).sum() - (seen**2).sum()

    def criterion(penalty: float) -> float:
        kept = sizes**2 / (sizes**2 + penalty)
        missed = max(outside, 0.0) + (((1 - kept)[:, None] * seen) ** 2).sum()
        free = max(1 - (1 + kept.sum()) / len(features), 1e-9)
        return float(missed / free**2)

    penalty = min(RIDGES * sizes[0] ** 2, key=criterion)
    weights = right.T @ ((sizes / (sizes**2 + penalty))[:, None] * seen)
    return np.asarray(test @ weights + centre)


def _directions(features: Array, targets: Array) -> tuple[Array, Array, Array]:
    """Return singular values (r,), the largest first, right vectors (r, c), and the targets (r, k) along
    the left ones.

    Where rows are more than features, from the features' Gram matrix: ten times faster, and exact enough
    for penalties from 1e-8 of its largest eigenvalue on.
    """
    if len(features) < features.shape[1]:
        left, sizes, right = np.linalg.svd(features, full_matrices=False)
        return sizes, right, left.T @ targets
    values, vectors = np.linalg.eigh(features.T @ features)
    kept = values > EXACT * max(values[-1:].max(initial=0.0), 0.0)
    sizes, right = np.sqrt(values[kept])[::-1], vectors[:, kept].T[::-1]
    return sizes, right, (right @ (features.T @ targets)) / sizes[:, None]


def _logistic(features: Array, targets: Array, test: Array, link: Link) -> Array:
    """Return probabilities (t, k), the penalty chosen on every fifth row."""
    held = np.arange(len(features)) % HELD == HELD - 1
    path = _path(features[~held], targets[~held], link)
    scores = [_cross_entropy(features[held] @ w, targets[held], link) for w in path]
    best = int(np.argmin(scores))
    chosen = _path(features, targets, link, PENALTIES[: best + 1])[-1]
    return _normalised(test @ chosen, link)[1]


def _path(
    features: Array, targets: Array, link: Link, penalties: tuple[float, ...] = PENALTIES
) -> list[Array]:
    """Return weights (c, k) for each penalty, each fit begun at the one before."""
    weights: Array = np.zeros((features.shape[1], targets.shape[1]))
    path: list[Array] = []
    for penalty in penalties:
        weights = logistic_weights(features, targets, weights, penalty=penalty, link=link)
        path.append(weights)
    return path


def logistic_weights(
    features: Array, targets: Array, start: Array, *, penalty: float, link: Link
) -> Array:
    """Return weights (c, k) that minimise mean cross-entropy + penalty/2 |weights|², last row free."""
    rows = len(features)

    def objective(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(start.shape)
        raw = features @ weights
        total, shares = _normalised(raw, link)
        slopes = penalty * weights
        slopes[-1] = 0.0
        loss = (total.sum() - (raw * targets).sum()) / rows + 0.5 * (slopes * weights).sum()
        return float(loss), (features.T @ (shares - targets) / rows + slopes).ravel()

    settings = {"maxiter": 60, "ftol": 1e-9}
    found = minimize(objective, start.ravel(), jac=True, method="L-BFGS-B", options=settings)
    return np.asarray(found.x).reshape(start.shape)


def _normalised(raw: Array, link: Link) -> tuple[Array, Array]:
    """Return the log of the normaliser, whose slope in `raw` (m, k) are the shares, and the shares."""
    if link == "sigmoid":
        return np.logaddexp(0, raw), np.asarray(expit(raw))
    top = raw.max(1, keepdims=True)
    powers = np.exp(raw - top)
    total = powers.sum(1, keepdims=True)
    return top + np.log(total), np.asarray(powers / total)


def _cross_entropy(raw: Array, targets: Array, link: Link) -> float:
    return float((_normalised(raw, link)[0].sum() - (raw * targets).sum()) / len(raw))


def _with_ones(features: Array) -> Array:
    return np.column_stack([features, np.ones(len(features))])
