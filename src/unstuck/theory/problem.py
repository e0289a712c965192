"""What is to be learned, as arrays and callables: inputs, targets, and the user's own loss."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from unstuck.core.recording import Array

Indices = np.ndarray[Any, np.dtype[np.intp]]
LossOf = Callable[[Array, Indices | None], float]
LossAndGradient = Callable[[Array], tuple[float, Array]]

Kind = Literal["squares", "absolute", "binary", "binary_logits", "classes", "other"]


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """What the loss measures, and the shape of one row of the prediction.

    kind: the loss is a multiple of the mean squared error (``squares``), the mean absolute error
    (``absolute``), the cross-entropy of probabilities (``binary``) or of logits (``binary_logits``),
    the cross-entropy of one logit a class (``classes``), or something else.
    """

    kind: Kind
    shape: tuple[int, ...]

    @property
    def outputs(self) -> int:
        """Number k of predicted values a row."""
        return int(np.prod(self.shape, dtype=int))


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Inputs (n, d), targets (n, …), and the user's own loss of predictions (n, *task.shape).

    loss_of: the loss of predictions for all rows, or for the rows of an index (m,) with predictions
    (m, *task.shape). loss_and_gradient: the loss of predictions for all rows and its gradient with
    respect to them, of their shape.
    """

    inputs: Array
    targets: np.ndarray[Any, np.dtype[Any]]
    task: Task
    loss_of: LossOf
    loss_and_gradient: LossAndGradient

    @property
    def rows(self) -> int:
        """Number of rows n."""
        return len(self.inputs)

    @property
    def predicts_targets(self) -> bool:
        """Whether a prediction has as many values as a target, so that they can be compared."""
        return int(np.prod(self.targets.shape[1:], dtype=int)) == self.task.outputs and (
            self.task.kind != "classes"
        )

    @property
    def flat_targets(self) -> Array:
        """Targets (n, k) as numbers; for ``classes`` the shares of the classes (one-hot)."""
        if self.predicts_targets or self.targets.ndim > 1:
            return np.asarray(self.targets, np.float64).reshape(self.rows, -1)
        return np.asarray(np.eye(self.task.outputs)[self.targets.astype(np.intp)])

    def shaped(self, flat: Array) -> Array:
        """Return predictions (m, k) in the network's shape (m, *task.shape)."""
        return np.asarray(flat, np.float64).reshape(len(flat), *self.task.shape)

    def loss(self, flat: Array, index: Indices | None = None) -> float:
        """Return the user's loss of predictions (m, k); infinite where it is not a number."""
        with np.errstate(all="ignore"):
            value = float(self.loss_of(self.shaped(flat), index))
        return value if np.isfinite(value) else float("inf")
