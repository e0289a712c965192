"""What a loss can't go below on these rows, as far as it is known, and what a constant scores."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from torch import Tensor

from unstuck.solver.losses import Loss
from unstuck.solver.network import Network
from unstuck.theory.fit import grouped, linear
from unstuck.theory.groups import equal_rows
from unstuck.theory.ladder import NIL
from unstuck.theory.learners import standardised
from unstuck.theory.problem import Indices, Problem, Task

STRAIGHT = 1e-9  # of the outputs' spread: what bends less is a linear map in float64


@dataclasses.dataclass(frozen=True, slots=True)
class Bound:
    """A loss, in the user's units, that cannot be undercut; why: for what reason."""

    loss: float
    why: str


def constant_and_bound(
    inputs: Tensor, targets: Tensor, output: Tensor, loss: Loss, *, straight: bool
) -> tuple[float | None, Bound | None]:
    """Return the loss of the best constant and the bound; None where this loss is not understood.

    inputs (n, …) raw; output (n, …): one of the network's, for its shape; straight: whether the network
    is a linear map of its inputs.
    """
    if loss.kind == "other" or (loss.kind == "classes" and targets.ndim > 1):
        return None, None
    problem = as_problem(inputs, targets, output, loss)
    flat = problem.inputs.reshape(problem.rows, -1)
    constant = problem.loss(grouped(problem, np.zeros(problem.rows, np.intp)))
    groups = equal_rows(flat)
    floor = problem.loss(grouped(problem, groups))
    floor = 0.0 if floor <= NIL * constant else floor
    number = int(groups.max()) + 1
    why = (
        f"no function of these inputs scores less: {problem.rows:,} rows have {number:,} different inputs"
        if number < problem.rows
        else "all rows are different, so a large enough network learns them by heart"
    )
    if straight and loss.kind == "squares":
        line = problem.loss(linear(problem, standardised(flat)))
        if line > floor:
            return constant, Bound(line, "the network is a linear map, and this is least squares")
    return constant, Bound(floor, why)


def as_problem(inputs: Tensor, targets: Tensor, output: Tensor, loss: Loss) -> Problem:
    """Return what is to be learned as arrays, for the theory."""

    def of(made: np.ndarray, index: Indices | None) -> float:
        aim = targets if index is None else targets[torch.from_numpy(index)]
        return float(loss.of(torch.from_numpy(made), aim))

    def with_gradient(made: np.ndarray) -> tuple[float, np.ndarray]:
        leaf = torch.from_numpy(made).requires_grad_()
        value = loss.of(leaf, targets)
        (gradient,) = torch.autograd.grad(value, leaf)
        return float(value.detach()), gradient.numpy()

    task = Task(loss.kind, tuple(output.shape[1:]))
    return Problem(inputs.double().numpy(), targets.numpy(), task, of, with_gradient)


def is_straight(network: Network, vectors: list[Tensor], inputs: Tensor) -> bool:
    """Whether outputs are a linear map of standardised inputs (n, d), for each of some weights (p,).

    Asked on normal rows, more than there are columns and wider than the data: a linear map leaves no
    residual to least squares there.
    """
    if inputs.ndim != 2 or not inputs.is_floating_point():
        return False
    wide = inputs.shape[1]
    generator = torch.Generator().manual_seed(0)
    rows = 3 * torch.randn(2 * wide + 50, wide, dtype=torch.float64, generator=generator)
    design = torch.cat([rows, torch.ones_like(rows[:, :1])], 1)
    for vector in vectors:
        with torch.no_grad():
            made = network.outputs(vector, rows.to(vector.dtype)).double().reshape(len(rows), -1)
        left = made - design @ torch.linalg.lstsq(design, made, driver="gelsd").solution
        if left.abs().max() > STRAIGHT * made.std().clamp_min(1e-300):
            return False
    return True
