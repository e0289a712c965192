"""Derivatives of outputs by weights: three ways that must agree, and finite differences."""

import torch
from solver_problems import chain
from torch import Tensor, nn

from unstuck.solver.jacobian import jacobian_of_linears
from unstuck.solver.network import FEW, network, put, vector_of


class Twice(nn.Module):
    """One layer that is used twice, which the fast way must leave to the general one."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(3, 3)
        self.last = nn.Linear(3, 1)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(torch.tanh(self.inner(torch.tanh(self.inner(x)))))
        return found.squeeze(-1)


def differences(module: nn.Module, inputs: Tensor, small: float = 1e-6) -> Tensor:
    made, start = network(module), vector_of(module)
    columns = []
    for place in range(made.size):
        step = torch.zeros_like(start)
        step[place] = small
        ahead, behind = (made.outputs(start + s, inputs).reshape(-1) for s in (step, -step))
        columns.append((ahead - behind) / (2 * small))
    return torch.stack(columns, 1)


def asked(columns: int) -> Tensor:
    return torch.randn(6, columns, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_the_fast_way_agrees_with_finite_differences() -> None:
    module, inputs = chain(3, 5, 4, 2, act=nn.Tanh).double(), asked(3)
    found = jacobian_of_linears(module, network(module).parts(vector_of(module)), inputs)
    assert found is not None
    assert torch.allclose(found, differences(module, inputs), atol=1e-8)


def test_the_general_way_agrees_with_the_fast_one() -> None:
    module, inputs = chain(3, 5, 4, 2, act=nn.Tanh).double(), asked(3)
    made, start = network(module), vector_of(module)
    many = inputs.repeat(FEW, 1)
    assert torch.allclose(made.jacobian(start, many), made._any_jacobian(start, many))
    assert torch.allclose(made.jacobian(start, inputs), made._slow_jacobian(start, inputs))


def test_a_layer_that_is_used_twice_is_derived_rightly() -> None:
    module, inputs = Twice().double(), asked(3)
    assert jacobian_of_linears(module, network(module).parts(vector_of(module)), inputs) is None
    found = network(module).jacobian(vector_of(module), inputs)
    assert torch.allclose(found, differences(module, inputs), atol=1e-8)


def test_frozen_weights_have_no_column() -> None:
    module, inputs = chain(3, 4, 1).double(), asked(3)
    module[0].requires_grad_(False)
    assert network(module).size == 5
    found = network(module).jacobian(vector_of(module), inputs)
    assert torch.allclose(found, differences(module, inputs), atol=1e-8)


def test_weights_put_back_are_the_weights_taken_out() -> None:
    module = chain(3, 4, 2)
    before = vector_of(module)
    put(module, 2 * before)
    assert torch.equal(vector_of(module), 2 * before)
