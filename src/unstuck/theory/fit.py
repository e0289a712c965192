"""The best predictions of a given form under the user's own loss: one value a group, or linear.

`grouped` serves the constant (one group) and the floor (equal inputs), `linear` the rest.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.special import expit  # type: ignore[import-untyped]

from unstuck.core.recording import Array
from unstuck.theory.problem import Indices, Problem

LOGIT = 16.0  # largest |logit| offered as a probability: 1 - 1e-7 is the last below 1 in float32
SURE = 30.0  # largest |logit| offered as a logit: its cross-entropy is 1e-13
WORK = 2e9  # multiplications that one minimisation may cost, about two seconds on one core


def grouped(problem: Problem, groups: Indices) -> Array:
    """Return predictions (n, k): in each group (n,) of rows the value that minimises the loss."""
    closed = _grouped_values(problem, groups)
    if problem.task.kind != "other":
        return closed[groups]

    def back(gradient: Array) -> Array:
        summed = np.zeros_like(closed)
        np.add.at(summed, groups, gradient)
        return summed

    return _minimised(problem, lambda w: w[groups], back, closed)


def _grouped_values(problem: Problem, groups: Indices) -> Array:
    """Return values (g, k) a group in closed form; a mere start for other losses.

    The mean minimises squares and (as a probability) cross-entropy, the median absolute errors.
    """
    kind, count = problem.task.kind, int(groups.max()) + 1
    if not problem.predicts_targets and kind != "classes":
        return np.zeros((count, problem.task.outputs))
    targets = problem.flat_targets
    if kind == "absolute":
        return np.array([np.median(targets[groups == g], axis=0) for g in range(count)])
    mean = np.zeros((count, targets.shape[1]))
    np.add.at(mean, groups, targets)
    mean /= np.bincount(groups)[:, None]
    if kind == "binary_logits":
        return logit(mean)
    return _log(mean) if kind == "classes" else mean


def logit(share: Array) -> Array:
    """Return log-odds, at most `SURE` in size."""
    return np.asarray(np.clip(_log(share) - _log(1 - share), -SURE, SURE))


def _log(share: Array) -> Array:
    return np.log(np.clip(share, np.exp(-SURE), 1.0))


def linear(problem: Problem, columns: Array, *, start: Array | None = None) -> Array:
    """Return predictions (n, k) of the best model that is linear in `columns` (n, c), with intercept.

    Least squares for squares, iteratively reweighted least squares for absolute errors (Schlossmacher
    1973, JASA 68:857), otherwise L-BFGS on the user's loss (through a sigmoid where it takes
    probabilities), begun at the constant. start: predictions to keep where nothing better is found.
    """
    design = np.column_stack([np.ones(problem.rows), columns])
    constant = grouped(problem, np.zeros(problem.rows, np.intp))
    if problem.task.kind == "squares":
        found = design @ np.linalg.lstsq(design, problem.flat_targets, rcond=None)[0]
    elif problem.task.kind == "absolute":
        found = _least_absolute(design, problem.flat_targets)
    else:
        weights = np.zeros((design.shape[1], problem.task.outputs))
        weights[0] = _raw(problem, constant[0])
        found = _minimised(problem, lambda w: design @ w, lambda g: design.T @ g, weights)
    candidates = [found, constant] if start is None else [found, constant, start]
    return min(candidates, key=problem.loss)


def _least_absolute(design: Array, targets: Array, iterations: int = 60) -> Array:
    found = np.empty_like(targets)
    for column, target in enumerate(targets.T):
        fit = design @ np.linalg.lstsq(design, target, rcond=None)[0]
        small = 1e-6 * (np.abs(target - fit).mean() + 1e-300)
        for _ in range(iterations):
            root = 1 / np.sqrt(np.maximum(np.abs(target - fit), small))
            fit = design @ np.linalg.lstsq(design * root[:, None], target * root, rcond=None)[0]
        found[:, column] = fit
    return found


def _raw(problem: Problem, predictions: Array) -> Array:
    return logit(predictions) if problem.task.kind == "binary" else predictions


def _minimised(
    problem: Problem,
    forward: Callable[[Array], Array],
    back: Callable[[Array], Array],
    start: Array,
) -> Array:
    """Return predictions (n, k) at the minimum of the loss over weights (c, k), from `start` on.

    forward: weights -> raw predictions (n, k); back: its adjoint.
    """
    squashed = problem.task.kind == "binary"

    def predictions(weights: Array) -> tuple[Array, Array | float]:
        raw = forward(weights.reshape(start.shape))
        if not squashed:
            return raw, 1.0
        share = expit(np.clip(raw, -LOGIT, LOGIT))
        return share, share * (1 - share)

    def objective(weights: Array) -> tuple[float, Array]:
        made, slope = predictions(weights)
        with np.errstate(all="ignore"):
            loss, gradient = problem.loss_and_gradient(problem.shaped(made))
        if not (np.isfinite(loss) and np.isfinite(gradient).all()):
            return 1e300, np.zeros(start.size)
        return loss, back(gradient.reshape(made.shape) * slope).ravel()

    cost = problem.rows * start.size + 1
    rounds = int(np.clip(WORK / (4 * cost), 20, 300))
    settings = {"maxiter": rounds, "maxfun": 2 * rounds, "ftol": 1e-12, "gtol": 1e-10}
    found = minimize(objective, start.ravel(), jac=True, method="L-BFGS-B", options=settings)
    best: Array = min((predictions(found.x)[0], predictions(start)[0]), key=problem.loss)
    return best
