"""What standard learners score on rows that they have not seen, under the user's own loss.

Each learner takes (train inputs (m, d), train targets (m, k), test inputs (t, d)), inputs
standardised, and returns predictions (t, k): of the targets themselves, or of the shares of classes.
A neural network is left out on purpose: it is what is being judged, and training one well takes
longer than all of these.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from unstuck.core.recording import Array
from unstuck.theory.fit import LOGIT, logit
from unstuck.theory.kernel import features
from unstuck.theory.penalised import Link, fitted
from unstuck.theory.problem import Indices, Problem
from unstuck.theory.waves import FEWEST_ROWS as WAVE_ROWS
from unstuck.theory.waves import MOST_INPUTS, continued

FOLDS = 5
MOST_ROWS = 1500  # more rows sharpen the error of the score (1/sqrt(rows)), not the answer
FEWEST_ROWS = 20  # with fewer, four fifths of them teach no learner anything
FEW_ROWS = 100  # below it the shuffle matters as much as the learner: it is repeated
REPEATS = 3
CHUNKS = 20  # batches of rows whose mean losses give the standard error (batch means)
WORK = 600_000  # rows · inputs · outputs; wide problems get fewer rows

LINEAR = "a linear model"

TREES = ("boosted trees", "a forest of trees")
"""The dearest learners, which are left out where another one leaves next to nothing to them."""

WAVES = "a sum of waves"
"""A learner for few inputs, over which targets may ripple faster than rows lie close."""

LOST = 0.5
"""Share of the constant's loss that all others must leave for waves to be looked for."""

SETTLED = 0.01
"""Share of the constant's loss below which that is so: a tenth of what may be left to a run that learned."""

Learner = Callable[[Array, Array, Array], Array]


@dataclasses.dataclass(frozen=True, slots=True)
class Score:
    """A learner's out-of-sample loss.

    error: its standard error; gain_error: standard error of the constant's loss less this one, over
    the same rows; rows: how many rows it was judged on.
    """

    name: str
    loss: float
    error: float
    gain_error: float
    rows: int


def scores(problem: Problem, *, seed: int = 0) -> tuple[Score, ...]:
    """Return every learner's cross-validated score (five folds, shuffled), the best one first.

    Predictions for held-out rows are put together and judged by the user's loss. Choosing the best of
    several flatters it a little; that is small beside `error`.
    """
    taken = _taken(problem.rows, problem.inputs[0].size * problem.task.outputs, seed)
    inputs, targets = standardised(problem.inputs[taken]), problem.flat_targets[taken]
    constant = np.tile(targets.mean(0), (len(targets), 1))
    repeats = REPEATS if len(taken) < FEW_ROWS else 1
    folds = [_folds(len(taken), seed + repeat) for repeat in range(repeats)]
    found: list[Score] = []
    most = problem.loss(offered(problem, constant), taken)
    for name, learner in _learners(problem).items():
        best = min((score.loss for score in found), default=most)
        if (name in TREES and best <= SETTLED * most) or (name == WAVES and best <= LOST * most):
            continue
        runs = [_held_out(learner, inputs, targets, fold) for fold in folds]
        found.append(_score(name, problem, taken, [*runs], constant))
    return tuple(sorted(found, key=lambda score: score.loss))


def standardised(inputs: Array) -> Array:
    """Return columns with mean 0 and spread 1; columns that never vary are left out."""
    inputs = np.asarray(inputs, np.float64).reshape(len(inputs), -1)
    spread = inputs.std(0)
    varies = spread > 1e-12 * (np.abs(inputs).max(0) + 1e-300)
    kept = inputs[:, varies]
    return np.asarray((kept - kept.mean(0)) / spread[varies])


def _taken(rows: int, width: int, seed: int) -> Indices:
    most = int(np.clip(WORK / max(width, 1), 300, MOST_ROWS))
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _folds(rows: int, seed: int) -> list[Indices]:
    return np.array_split(np.random.default_rng(seed).permutation(rows), FOLDS)


def _held_out(learner: Learner, inputs: Array, targets: Array, folds: list[Indices]) -> Array:
    made = np.empty(targets.shape)
    for held in folds:
        kept = np.setdiff1d(np.arange(len(inputs)), held)
        with threadpool_limits(1):  # on a busy machine threads wait for each other
            made[held] = learner(inputs[kept], targets[kept], inputs[held])
    return made


def _score(
    name: str, problem: Problem, taken: Indices, runs: list[Array], constant: Array
) -> Score:
    scale = _scale(problem, taken, constant)
    losses = [scale * problem.loss(offered(problem, run), taken) for run in runs]
    chunks = np.array_split(np.random.default_rng(0).permutation(len(taken)), CHUNKS)

    def means(made: Array) -> Array:
        flat = offered(problem, made)
        return np.array([problem.loss(flat[chunk], taken[chunk]) for chunk in chunks])

    own, base = means(runs[0]), means(constant)
    return Score(name, float(np.mean(losses)), _error(own), _error(base - own), len(taken))


def _scale(problem: Problem, taken: Indices, constant: Array) -> float:
    """Return what a loss over a sample is multiplied by, so that it stands beside those over all rows.

    A sample whose targets happen to vary less is easier for every prediction, the constant one too.
    """
    if len(taken) == problem.rows:
        return 1.0
    every = np.tile(constant[0], (problem.rows, 1))
    whole, part = (
        problem.loss(offered(problem, made), rows)
        for made, rows in ((every, np.arange(problem.rows)), (constant, taken))
    )
    return whole / part if whole > 0 and part > 0 else 1.0


def _error(means: Array) -> float:
    with np.errstate(invalid="ignore"):
        return float(np.std(means, ddof=1) / np.sqrt(len(means)))


def offered(problem: Problem, made: Array) -> Array:
    """Return a learner's predictions (n, k) in the form that the loss takes: shares, logits, values.

    Shares keep a distance of 1/(2n + 2) from 0 and 1, as if half a row more had been seen of each
    kind (Jeffreys' prior): cross-entropy punishes a certainty that n rows cannot give.
    """
    kind = problem.task.kind
    if kind in {"squares", "absolute"} or (kind == "other" and problem.predicts_targets):
        return made
    least = max(1 / (2 * len(made) + 2), float(np.exp(-LOGIT)))
    shares = np.clip(made, least, 1 - least)
    if kind == "binary":
        return shares
    if kind == "binary_logits":
        return logit(shares)
    return np.asarray(np.log(shares / shares.sum(1, keepdims=True)))


def _learners(problem: Problem) -> dict[str, Learner]:
    link = _link(problem)
    single = problem.task.outputs == 1
    trees = {TREES[0]: _boosted(link)} if single else {TREES[1]: _forest}
    few = problem.inputs[0].size <= MOST_INPUTS and problem.rows >= 2 * WAVE_ROWS
    ripples: dict[str, Learner] = {WAVES: continued} if few and link == "identity" else {}
    return {
        LINEAR: lambda inputs, targets, test: fitted(inputs, targets, test, link=link),
        "5 nearest neighbours": _neighbours(5),
        "20 nearest neighbours": _neighbours(20),
        "a smooth kernel machine": _kernel(2.0, link),
        "a kernel machine": _kernel(0.7, link),
        "a sharp kernel machine": _kernel(0.2, link),
        **trees,
        **ripples,
    }


def _link(problem: Problem) -> Link:
    """Return how a learner's raw values become predictions: as shares where targets are 0 or 1."""
    targets = problem.flat_targets
    if problem.task.kind == "classes" or not problem.predicts_targets:
        return "softmax"
    sure = bool(((targets == 0) | (targets == 1)).all())
    return "sigmoid" if sure and problem.task.kind != "squares" else "identity"


def _kernel(width: float, link: Link) -> Learner:
    def learn(inputs: Array, targets: Array, test: Array) -> Array:
        seen, asked = features(inputs, test, width=width)
        return fitted(seen, targets, asked, link=link)

    return learn


def _neighbours(k: int) -> Learner:
    """Return the mean over the k nearest rows, with one row's weight on the mean of all."""

    def learn(inputs: Array, targets: Array, test: Array) -> Array:
        near = min(k, len(inputs))
        distance = (inputs**2).sum(1) - 2 * test @ inputs.T
        chosen = np.argpartition(distance, near - 1, axis=1)[:, :near]
        return np.asarray((targets[chosen].sum(1) + targets.mean(0)) / (near + 1))

    return learn


def _boosted(link: Link) -> Learner:
    settings = {"n_estimators": 80, "max_depth": 3, "subsample": 0.7, "random_state": 0}

    def learn(inputs: Array, targets: Array, test: Array) -> Array:
        from sklearn.ensemble import (  # type: ignore[import-untyped]
            GradientBoostingClassifier,
            GradientBoostingRegressor,
        )

        target = targets[:, 0]
        if inputs.shape[1] == 0 or np.ptp(target) == 0:
            return np.full((len(test), 1), target.mean())
        if link == "sigmoid":
            model = GradientBoostingClassifier(**settings).fit(inputs, target)
            return np.asarray(model.predict_proba(test)[:, 1:])
        return np.asarray(GradientBoostingRegressor(**settings).fit(inputs, target).predict(test))[
            :, None
        ]

    return learn


def _forest(inputs: Array, targets: Array, test: Array) -> Array:
    from sklearn.ensemble import ExtraTreesRegressor

    model = ExtraTreesRegressor(50, min_samples_leaf=2, random_state=0).fit(inputs, targets)
    return np.asarray(model.predict(test)).reshape(len(test), -1)
