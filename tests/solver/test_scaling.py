"""Folding the standardisation: the same function, on raw rows, in the user's own architecture."""

import pytest
import torch
from solver_problems import chain, rows
from torch import Tensor, nn

import unstuck
from unstuck.solver.scaling import as_a_whole, by_column, folded, scaling


def far_from(inputs: Tensor) -> Tensor:
    return 3 * inputs - 40


class Skipping(nn.Module):
    """A network in which more than a Linear layer reads the inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.body = chain(3, 6, 1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.body(x)
        return made + x[:, :1]


class Branches(nn.Module):
    """Two layers read the inputs; both must take the standardisation in."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.other, self.last = nn.Linear(3, 4), nn.Linear(3, 4), nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.last(torch.tanh(self.one(x)) * torch.relu(self.other(x)))
        return made


@pytest.mark.parametrize("module", [chain(3, 6, 2), Branches(), nn.Linear(3, 2)])
def test_a_folded_network_makes_of_raw_rows_what_it_made_of_standardised_ones(
    module: nn.Module,
) -> None:
    module = module.double()
    inputs = rows(40, 3).double()
    by = by_column(inputs)
    made = folded(module, by, as_a_whole(inputs[:, :1]), by.there(inputs))
    for raw in (inputs, far_from(inputs)):
        meant = as_a_whole(inputs[:, :1]).back(module(by.there(raw)))
        assert torch.allclose(made(raw), meant, rtol=1e-12, atol=1e-10)


def test_folding_backwards_undoes_it() -> None:
    module, inputs = chain(3, 6, 1).double(), rows(40, 3).double()
    by, targets = by_column(inputs), as_a_whole(inputs[:, :1])
    once = folded(module, by, targets, by.there(inputs))
    again = folded(once, by.inverse, targets.inverse, inputs)
    for one, other in zip(module.parameters(), again.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-9)


def test_the_returned_network_is_the_users_own_architecture_for_raw_rows() -> None:
    inputs = rows(60, 3)
    targets = 1000 + inputs @ torch.tensor([3.0, -2.0, 1.0])
    model = chain(3, 8, 1)
    fit = unstuck.fit(model, inputs, targets, budget=5)
    assert str(fit.model) == str(model)
    assert not fit.wrapped
    made = fit.model(inputs)[:, 0]
    assert float((made - targets).square().mean().detach()) == pytest.approx(fit.loss, rel=1e-3)
    assert fit.loss < 1e-6 * targets.var()


def test_a_network_that_cannot_take_it_in_is_wrapped_and_says_so() -> None:
    inputs = rows(60, 3)
    targets = (inputs[:, 0] - 90).abs()
    fit = unstuck.fit(Skipping(), inputs, targets, budget=1, starts=1)
    assert fit.wrapped
    assert "Standardise" in fit.report
    assert isinstance(fit.model, nn.Sequential)
    made = fit.model(inputs)[:, 0]
    assert float((made - targets).square().mean().detach()) == pytest.approx(fit.loss, rel=1e-3)


def test_a_frozen_first_layer_keeps_its_weights() -> None:
    model = chain(3, 8, 1)
    model[0].requires_grad_(False)
    fit = unstuck.fit(model, rows(60, 3), rows(60, 3)[:, 0], budget=1, starts=1)
    kept = fit.model[1][0] if fit.wrapped else fit.model[0]
    assert torch.equal(kept.weight, model[0].weight)


def test_a_first_layer_without_a_bias_is_divided_and_not_centred() -> None:
    model = nn.Sequential(nn.Linear(3, 8, bias=False), nn.ReLU(), nn.Linear(8, 1)).double()
    by = scaling(model, rows(60, 3).double(), None)
    assert not by.wrapped
    assert not by.inputs.shift.any()
    assert any("not centred" in note for note in by.notes)


def test_a_column_that_never_varies_does_no_harm() -> None:
    inputs = rows(50, 3)
    inputs[:, 1] = 5.0
    fit = unstuck.fit(chain(3, 8, 1), inputs, inputs[:, 0], budget=2)
    assert fit.loss < 1e-6 * inputs[:, 0].var()


def test_a_network_that_is_dead_on_the_rows_is_not_taken_to_absorb_anything() -> None:
    dead = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 1)).double()
    with torch.no_grad():
        dead[0].weight.fill_(-1.0)
    inputs = 100 + torch.rand(30, 1, 8, dtype=torch.float64)
    assert scaling(dead, inputs, None).wrapped
