"""Where drawn networks begin: thresholds inside the rows, the last layer solved, nothing else touched."""

import pytest
import torch
from solver_problems import chain, rows
from torch import Tensor, nn

from unstuck.solver.last_layer import solve_last_layer
from unstuck.solver.linears import calls
from unstuck.solver.spreading import redrawn, spread_thresholds


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def hidden(model: nn.Module, inputs: Tensor) -> list[Tensor]:
    found, _ = calls(model, inputs)
    return [call.made for call in found[:-1]]


@pytest.mark.parametrize("act", [nn.ReLU, nn.Sigmoid])
def test_every_hidden_unit_bends_within_the_rows(act: type[nn.Module]) -> None:
    model, inputs = chain(3, 30, 20, 1, act=act).double(), rows(200, 3).double()
    before = [
        ((made > 0).any(0) & (made < 0).any(0)).double().mean() for made in hidden(model, inputs)
    ]
    spread_thresholds(model, inputs, generator())
    after = [
        ((made > 0).any(0) & (made < 0).any(0)).double().mean() for made in hidden(model, inputs)
    ]
    assert float(before[0]) < 0.5
    assert min(map(float, after)) == 1.0


def test_a_straight_network_is_a_linear_map_on_the_rows() -> None:
    model, inputs = chain(3, 30, 20, 1).double(), rows(200, 3).double()
    spread_thresholds(model, inputs, generator(), straight=True)
    assert all(bool((made > 0).all()) for made in hidden(model, inputs))


def test_the_last_layer_is_left_to_be_solved() -> None:
    model, inputs = chain(3, 8, 2).double(), rows(50, 3).double()
    before = model[-1].weight.clone()
    spread_thresholds(model, inputs, generator())
    assert torch.equal(model[-1].weight, before)


def test_frozen_layers_keep_their_thresholds() -> None:
    model, inputs = chain(3, 8, 8, 1).double(), rows(50, 3).double()
    model[0].requires_grad_(False)
    before = model[0].bias.clone()
    with torch.random.fork_rng(devices=[]):
        redrawn(model, generator())
    spread_thresholds(model, inputs, generator())
    assert torch.equal(model[0].bias, before)


def test_the_last_layer_gets_the_weighted_least_squares() -> None:
    model, inputs = chain(2, 3, 1, act=nn.Tanh).double(), rows(40, 2).double() / 50
    targets = inputs.prod(1, keepdim=True)
    shares = torch.linspace(1, 3, 40, dtype=torch.float64)
    shares /= shares.sum()
    assert solve_last_layer(model, inputs, targets, shares) > 0
    features = model[1](model[0](inputs))
    residual = shares[:, None] * (model(inputs) - targets)
    normal = torch.cat([features, torch.ones(40, 1, dtype=torch.float64)], 1).T @ residual
    assert float(normal.abs().max().detach()) < 1e-10  # the normal equations hold


def test_a_network_that_does_not_end_in_a_linear_layer_is_left_alone() -> None:
    model = nn.Sequential(*chain(2, 3, 1), nn.Tanh()).double()
    before = model[2].weight.clone()
    inputs = rows(20, 2).double()
    assert solve_last_layer(model, inputs, inputs[:, :1], torch.full((20,), 0.05).double()) == 0
    assert torch.equal(model[2].weight, before)
