"""Adam for what is too large for anything better: it descends, keeps the clock, and is repeatable."""

import math
import time

import pytest
import torch
from torch import Tensor

from unstuck.solver.adam import adam
from unstuck.solver.descent import Descent, Until

ROWS = torch.randn(1000, 6, generator=torch.Generator().manual_seed(0))
AIM = ROWS @ torch.arange(1.0, 7.0)


def of(vector: Tensor, taken: Tensor | None) -> tuple[float, Tensor]:
    rows, aim = (ROWS, AIM) if taken is None else (ROWS[taken], AIM[taken])
    error = rows @ vector - aim
    return float(error.square().mean()), 2 * rows.T @ error / len(rows)


def descended(until: Until, begin: Tensor | None = None) -> Descent:
    start = torch.zeros(6) if begin is None else begin
    generator = torch.Generator().manual_seed(0)
    return adam(of, lambda vector: of(vector, None)[0], start, 1000, until, 1.0, generator)


def test_it_comes_to_the_least_squares() -> None:
    made = descended(Until(-math.inf, 3000, math.inf), torch.arange(1.0, 7.0) + 0.5)
    assert made.loss < 1e-4
    assert made.loss == pytest.approx(of(made.vector, None)[0])


def test_the_same_draws_give_the_same_descent() -> None:
    one, other = (descended(Until(-math.inf, 100, math.inf)) for _ in range(2))
    assert torch.equal(one.vector, other.vector)


def test_it_never_ends_above_its_start() -> None:
    begin = torch.arange(1.0, 7.0)
    assert descended(Until(-math.inf, 50, math.inf), begin).loss <= of(begin, None)[0]


def test_it_ends_when_its_time_is_up() -> None:
    began = time.monotonic()
    made = descended(Until(-math.inf, 10**7, began + 0.3))
    assert made.end == "time"
    assert time.monotonic() - began < 3
