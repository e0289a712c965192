"""Which solver a problem gets, and one descent by it."""

from __future__ import annotations

import time
from typing import Literal

import torch
from torch import Tensor

from unstuck.solver import flops
from unstuck.solver.adam import adam
from unstuck.solver.descent import Descent, Until
from unstuck.solver.lbfgs import lbfgs
from unstuck.solver.levenberg import levenberg_marquardt
from unstuck.solver.posed import Posed

Method = Literal["Levenberg–Marquardt", "L-BFGS", "Adam"]

JACOBIAN = 2e7  # entries of a Jacobian that fit: 160 MB of float64
SIDE = 1500  # of the smaller Gram matrix: factoring it takes about 0.2 s on one core
PASS = 5e7  # rows times weights: a gradient then takes well under a second on one core

STEPS: dict[Method, int] = {"Levenberg–Marquardt": 100, "L-BFGS": 300, "Adam": 5000}
"""Steps of a start's first round: most starts have shown by then where they are going."""


def method(problem: Posed) -> Method:
    """Return the solver for a problem: by its sizes and its loss alone, so that it is always the same."""
    weights, residuals = problem.network.size, problem.residual_count
    exact = problem.network.dtype == torch.float64
    fits = weights * residuals <= JACOBIAN and min(weights, residuals) <= SIDE
    if problem.squares and exact and fits:
        return "Levenberg–Marquardt"
    return "L-BFGS" if weights * len(problem.inputs) <= PASS else "Adam"


def loaded(by: Method) -> float:
    """Return the seconds that a solver's imports take, which are not the budget's to pay.

    torch imports its compiler when the first optimizer is built, which takes seconds.
    """
    began = time.monotonic()
    if by == "Adam":
        torch.optim.Adam([torch.zeros(1, requires_grad=True)])
    return time.monotonic() - began


def descend(
    problem: Posed, by: Method, start: Tensor, until: Until, generator: torch.Generator
) -> Descent:
    """Return the descent from a vector (p,), in the units of the solving."""
    if by == "Levenberg–Marquardt":
        return levenberg_marquardt(problem.residuals, problem.jacobian, start, until)
    work = flops.gradient(problem.network.size, len(problem.inputs))
    if by == "L-BFGS":
        return lbfgs(problem.loss_and_gradient, start, until, work)
    return adam(problem.batch, problem.value, start, len(problem.inputs), until, work, generator)
