"""Levenberg and Marquardt's method for sums of squares, also where weights outnumber residuals.

scipy's `least_squares(method="lm")` needs at least as many residuals as weights, and its other methods
factor a matrix in the larger of the two numbers; networks that are wide have few rows for many weights.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import torch
from torch import Tensor

from unstuck.solver import flops
from unstuck.solver.descent import Descent, End, Until

FIRST = 1e-3  # of the largest diagonal entry: Nielsen's tau for a start of middling quality
LEAST = 1e-15  # of the largest diagonal entry: less damping is lost in float64's rounding
MOST = 1e12  # of it: a step so short changes no weight
STILL = 1e-12  # relative fall of the loss in a step that was taken in full: nothing is left
PATIENCE = 3  # such steps in a row

Residuals = Callable[[Tensor], Tensor]
Jacobian = Callable[[Tensor], Tensor]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Linearised:
    """The problem around one vector: Gram matrix (s, s) of the smaller side, gradient, Jacobian."""

    jacobian: Tensor
    residuals: Tensor
    gram: Tensor
    dual: bool

    @property
    def scale(self) -> float:
        return float(self.gram.diagonal().max())

    def step(self, damping: float) -> Tensor | None:
        """Return the damped step (p,), None where the damped matrix is not positive in float64.

        (J'J + d I)⁻¹ J' r, which is J'(J J' + d I)⁻¹ r (the push-through identity) on the dual side.
        """
        damped = self.gram + damping * torch.eye(len(self.gram), dtype=self.gram.dtype)
        factor, failed = torch.linalg.cholesky_ex(damped)
        if failed:
            return None
        if self.dual:
            inner = torch.cholesky_solve(self.residuals[:, None], factor)[:, 0]
            return -(self.jacobian.T @ inner)
        right = self.jacobian.T @ self.residuals
        return -torch.cholesky_solve(right[:, None], factor)[:, 0]


def _linearised(jacobian: Tensor, residuals: Tensor) -> _Linearised:
    dual = jacobian.shape[1] > jacobian.shape[0]
    gram = jacobian @ jacobian.T if dual else jacobian.T @ jacobian
    return _Linearised(jacobian, residuals, gram, dual)


def levenberg_marquardt(
    residuals: Residuals, jacobian: Jacobian, start: Tensor, until: Until
) -> Descent:
    """Return the descent of a sum of squared residuals (m,) over a vector (p,), from a start.

    Damping after Nielsen 1999 (IMM-REP-1999-05, section 2.2; Madsen, Nielsen and Tingleff 2004, Methods
    for non-linear least squares problems, algorithm 3.16): by the ratio of the fall that came to the
    one that the linearised problem promised.
    """
    vector, values = start, residuals(start)
    loss = float(values @ values)
    steps, passes, work, quiet = 0, 1, 0.0, 0
    damping, growth = 0.0, 2.0
    end: End | None = until.end(loss, 0) if math.isfinite(loss) else "converged"
    while end is None:
        around = _linearised(jacobian(vector), values)
        passes += 1
        work += _cost_of_jacobian(around)
        if around.scale == 0.0:
            end = "converged"
            break
        damping = max(damping or FIRST * around.scale, LEAST * around.scale)
        while end is None:
            step = around.step(damping)
            work += flops.cholesky(len(around.gram))
            gained = -1.0
            if step is not None:
                tried = residuals(vector + step)
                passes += 1
                fell = loss - float(tried @ tried)
                promised = _promised(around, step)
                gained = fell / promised if promised > 0 and fell == fell else -1.0
            if gained > 0 and step is not None:
                vector, values, loss = vector + step, tried, loss - fell
                steps += 1
                quiet = quiet + 1 if fell <= STILL * (loss + fell) else 0
                damping *= max(1 / 3, 1 - (2 * gained - 1) ** 3)
                growth = 2.0
                break
            damping, growth = damping * growth, growth * 2
            end = "converged" if damping > MOST * around.scale else until.end(loss, steps)
        end = end or ("converged" if quiet >= PATIENCE else until.end(loss, steps))
    return Descent(vector, loss, steps, passes, work, end)


def _promised(around: _Linearised, step: Tensor) -> float:
    """Return by how much the linearised sum of squares falls along a step."""
    after = around.residuals + around.jacobian @ step
    return float(around.residuals @ around.residuals - after @ after)


def _cost_of_jacobian(around: _Linearised) -> float:
    residuals, weights = around.jacobian.shape
    return flops.jacobian(weights, residuals, 1) + flops.normal_equations(weights, residuals)
