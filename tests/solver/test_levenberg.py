"""Levenberg and Marquardt's method beside scipy's, and beside closed forms, on both of its sides."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.optimize import least_squares
from torch import Tensor

from unstuck.solver.descent import Descent, Until
from unstuck.solver.levenberg import levenberg_marquardt

T = torch.linspace(0, 3, 25, dtype=torch.float64)
FREE = Until(-math.inf, 60, math.inf)


def solved(residuals: Callable[[Tensor], Tensor], start: Tensor, until: Until = FREE) -> Descent:
    def jacobian(vector: Tensor) -> Tensor:
        found = torch.autograd.functional.jacobian(residuals, vector)
        assert isinstance(found, Tensor)
        return found

    return levenberg_marquardt(residuals, jacobian, start, until)


def decay(vector: Tensor) -> Tensor:
    a, b, c = vector
    noise = torch.sin(37 * T) / 20
    return a * torch.exp(-b * T) + c - (2.5 * torch.exp(-1.3 * T) + 0.5 + noise)


def rosenbrock(vector: Tensor) -> Tensor:
    x, y = vector
    return torch.stack([10 * (y - x * x), 1 - x])


def powell(vector: Tensor) -> Tensor:
    a, b, c, d = vector
    return torch.stack(
        [a + 10 * b, math.sqrt(5) * (c - d), (b - 2 * c) ** 2, math.sqrt(10) * (a - d) ** 2]
    )


CASES = {
    "decay": (decay, [1.0, 1.0, 0.0]),
    "rosenbrock": (rosenbrock, [-1.2, 1.0]),
    "powell, singular at its minimum": (powell, [3.0, -1.0, 0.0, 1.0]),
}


@pytest.mark.parametrize("name", CASES)
def test_it_finds_the_minimum_that_scipy_finds(name: str) -> None:
    residuals, begin = CASES[name]
    theirs = least_squares(
        lambda v: residuals(torch.from_numpy(v)).numpy(), begin, method="lm", xtol=1e-14, ftol=1e-14
    )
    ours = solved(residuals, torch.tensor(begin, dtype=torch.float64))
    assert ours.loss == pytest.approx(2 * theirs.cost, rel=1e-8, abs=1e-16)
    if name != "powell, singular at its minimum":
        np.testing.assert_allclose(ours.vector.numpy(), theirs.x, atol=1e-6)


def test_a_linear_problem_is_solved_as_least_squares_solve_it() -> None:
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(30, 5, dtype=torch.float64, generator=generator)
    right = torch.randn(30, dtype=torch.float64, generator=generator)
    ours = solved(lambda v: matrix @ v - right, torch.zeros(5, dtype=torch.float64))
    exact = torch.linalg.lstsq(matrix, right).solution
    assert torch.allclose(ours.vector, exact, atol=1e-9)


def test_with_more_weights_than_residuals_it_takes_the_nearest_solution() -> None:
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(4, 40, dtype=torch.float64, generator=generator)
    right = torch.randn(4, dtype=torch.float64, generator=generator)
    begin = torch.randn(40, dtype=torch.float64, generator=generator)
    ours = solved(lambda v: matrix @ v - right, begin)
    nearest = begin + torch.linalg.pinv(matrix) @ (right - matrix @ begin)
    assert ours.loss < 1e-20
    assert torch.allclose(ours.vector, nearest, atol=1e-8)


def test_both_sides_take_the_same_step() -> None:
    from unstuck.solver.levenberg import _Linearised

    generator = torch.Generator().manual_seed(0)
    jacobian = torch.randn(6, 9, dtype=torch.float64, generator=generator)
    residuals = torch.randn(6, dtype=torch.float64, generator=generator)
    dual = _Linearised(jacobian, residuals, jacobian @ jacobian.T, True).step(0.1)
    primal = _Linearised(jacobian, residuals, jacobian.T @ jacobian, False).step(0.1)
    assert dual is not None and primal is not None
    assert torch.allclose(dual, primal, atol=1e-12)


def test_the_loss_never_rises() -> None:
    begin = torch.tensor([-1.2, 1.0], dtype=torch.float64)
    losses = [solved(rosenbrock, begin, Until(-math.inf, n, math.inf)).loss for n in range(12)]
    assert losses == sorted(losses, reverse=True)


def test_it_stops_at_the_target() -> None:
    begin = torch.tensor([-1.2, 1.0], dtype=torch.float64)
    made = solved(rosenbrock, begin, Until(1e-3, 500, math.inf))
    assert made.end == "target"
    assert made.steps < solved(rosenbrock, begin, Until(1e-20, 500, math.inf)).steps


def test_a_loss_that_becomes_infinite_turns_it_back() -> None:
    def steep(vector: Tensor) -> Tensor:
        return torch.exp(vector) - 1e-3

    made = solved(steep, torch.tensor([-20.0], dtype=torch.float64))
    assert math.isfinite(made.loss)
    assert made.loss <= float(steep(torch.tensor([-20.0]))[0] ** 2)


def test_a_start_whose_loss_is_no_number_is_given_up() -> None:
    made = solved(torch.log, torch.tensor([-1.0], dtype=torch.float64))
    assert made.steps == 0


def test_where_no_weight_matters_it_ends() -> None:
    made = solved(
        lambda v: torch.ones(3, dtype=torch.float64) + 0 * v.sum(), torch.zeros(2).double()
    )
    assert made.end == "converged"
    assert made.loss == pytest.approx(3)
