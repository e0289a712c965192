"""The ladder of losses: what simple predictors would score on the user's data, under the user's loss.

In-sample rungs (constant, linear, quadratic, floor) are lowest training losses; ``learner`` is out of
sample. ``start`` and ``end`` belong to the network and are not computed here.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from unstuck.core.recording import Array
from unstuck.theory.fit import grouped, linear
from unstuck.theory.groups import equal_rows
from unstuck.theory.learners import FEWEST_ROWS, LINEAR, Score, scores, standardised
from unstuck.theory.problem import Indices, Problem

WIDEST_QUADRATIC = 60  # inputs; beyond it the products alone are too many for the rows kept
NIL = 1e-9  # of the constant's loss: what is below it is zero, up to rounding


@dataclasses.dataclass(frozen=True, slots=True)
class Ladder:
    """Losses by rung, in the unit of the user's loss; None where not run, with a reason.

    rows: number of rows; groups: how many of their inputs differ. allowance: by how much the floor is
    expected to lie under the loss of the true conditional mean, because it is fitted to these rows.
    straight: the rung ``linear`` is the lowest loss that a linear model has, as it is where predictions
    are values; logits of classes that a line divides may grow for ever.
    """

    losses: dict[str, float | None]
    reasons: dict[str, str]
    rows: int
    groups: int
    allowance: float
    learner: Score | None
    linear: Score | None
    straight: bool = False

    @property
    def memorising(self) -> bool:
        """Whether the floor is reached only by learning rows by heart: fewer than two share an input."""
        return 2 * self.groups > self.rows

    @property
    def constant(self) -> float:
        """Loss of the best constant prediction."""
        value = self.losses["constant"]
        return float("nan") if value is None else value


def ladder(problem: Problem, *, learners: bool = True, seed: int = 0) -> Ladder:
    """Return the rungs from the constant to the floor; learners: whether to cross-validate some."""
    flat = problem.inputs.reshape(problem.rows, -1)
    groups = equal_rows(flat)
    constant = problem.loss(grouped(problem, np.zeros(problem.rows, np.intp)))
    losses: dict[str, float | None] = {"constant": constant}
    reasons: dict[str, str] = {}
    _straight_and_quadratic(problem, standardised(flat), losses, reasons)
    lowest = grouped(problem, groups)
    floor = _floor(problem, lowest, constant, reasons)
    losses["floor"] = floor
    found: tuple[Score, ...] = ()
    because = _no_learners(problem, groups) if learners else "learners were not asked for"
    if not because and floor is None and problem.predicts_targets:
        because = "a prediction that equals its target is no good one under this loss"
    if because:
        reasons["learner"] = because
    else:
        found = scores(problem, seed=seed)
    best = found[0] if found else None
    losses["learner"] = best.loss if best else None
    return Ladder(
        {name: _tidy(loss, constant) for name, loss in losses.items()},
        reasons,
        problem.rows,
        int(groups.max()) + 1,
        0.0 if floor is None else allowance(problem, groups, floor=floor, constant=constant),
        best,
        next((score for score in found if score.name == LINEAR), None),
        problem.task.kind in {"squares", "absolute"},
    )


def _straight_and_quadratic(
    problem: Problem, columns: Array, losses: dict[str, float | None], reasons: dict[str, str]
) -> None:
    """Fill in the rungs ``linear`` and ``quadratic``, each at least as low as the one above."""
    losses["linear"] = losses["quadratic"] = None
    rank = 1 + int(np.linalg.matrix_rank(columns)) if columns.size else 1
    if rank >= problem.rows:
        reasons["linear"] = _would_memorise(rank, problem.rows)
        reasons["quadratic"] = reasons["linear"]
        return
    straight = linear(problem, columns)
    losses["linear"] = problem.loss(straight)
    if columns.shape[1] > WIDEST_QUADRATIC:
        reasons["quadratic"] = f"{columns.shape[1]} inputs have too many products"
        return
    products = with_products(columns)
    rank = 1 + int(np.linalg.matrix_rank(products)) if products.size else 1
    if 2 * rank > problem.rows:
        reasons["quadratic"] = _would_memorise(rank, problem.rows)
        return
    losses["quadratic"] = problem.loss(linear(problem, products, start=straight))


def _would_memorise(rank: int, rows: int) -> str:
    return f"its {rank} independent columns would learn most of the {rows} rows by heart"


def with_products(columns: Array) -> Array:
    """Return standardised columns (n, d) with all their pairwise products and squares, standardised."""
    first, second = np.triu_indices(columns.shape[1])
    return np.column_stack([columns, standardised(columns[:, first] * columns[:, second])])


def _floor(
    problem: Problem, lowest: Array, constant: float, reasons: dict[str, str]
) -> float | None:
    loss = problem.loss(lowest)
    if problem.task.kind == "other" and not -1e-9 <= loss <= constant:
        reasons["floor"] = "this loss has no lowest value that could be found"
        return None
    return loss


def _no_learners(problem: Problem, groups: Indices) -> str:
    if problem.rows < FEWEST_ROWS:
        return f"{problem.rows} rows are too few to learn from some and be judged on others"
    if groups.max() == 0:
        return "all inputs are the same"
    if problem.task.kind == "other" and not problem.predicts_targets and problem.targets.ndim > 1:
        return "predictions and targets of this loss differ in shape"
    return ""


def _tidy(loss: float | None, constant: float) -> float | None:
    if loss is None or not np.isfinite(loss):
        return None
    return 0.0 if abs(loss) <= NIL * abs(constant) else loss


def allowance(problem: Problem, groups: Indices, *, floor: float, constant: float) -> float:
    """Return by how much the floor, fitted to these rows, undercuts the true conditional mean.

    Squares: floor · g/(n - g), since the expected residual is sigma²(n - g)/n for g groups. For
    cross-entropy half a nat a fitted share (Wilks 1938, Annals 9:60), counting only groups whose rows
    disagree, over the rows; 0 for other losses, where it is not known.
    """
    count = int(groups.max()) + 1
    if count >= problem.rows or not np.isfinite(floor):
        return 0.0
    if problem.task.kind == "squares":
        return floor * count / (problem.rows - count)
    if problem.task.kind in {"other", "absolute"}:
        return 0.0
    targets = problem.flat_targets
    free = _disputed(targets, groups)
    one_of_many = problem.task.kind == "classes"
    nats = -np.where(targets > 0, targets * np.log(targets.mean(0) + (targets <= 0)), 0.0).sum()
    if one_of_many:
        free -= free > 0
    else:
        other = 1 - targets
        nats -= np.where(other > 0, other * np.log(other.mean(0) + (other <= 0)), 0.0).sum()
    return float(constant * free.sum() / 2 / nats) if nats > 0 else 0.0


def _disputed(targets: Array, groups: Indices) -> Indices:
    """Return for each group the number of columns of the targets (n, k) in which its rows disagree."""
    shape = (int(groups.max()) + 1, targets.shape[1])
    low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
    np.minimum.at(low, groups, targets)
    np.maximum.at(high, groups, targets)
    return np.asarray((high > low).sum(1))
