"""A torch network as a function of one flat vector of weights, with its gradient and its Jacobian."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call, jacrev, vmap

from unstuck.solver.jacobian import jacobian_of_linears

FEW = 128  # rows that are sooner derived one by one than batched, which imports sympy for seconds


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A network whose trained weights, end to end, are one vector (p,).

    The module is used as a template only: its weights are neither read nor changed by these methods.
    """

    module: nn.Module
    names: tuple[str, ...]
    shapes: tuple[torch.Size, ...]
    dtype: torch.dtype

    @property
    def size(self) -> int:
        """Number p of trained weights."""
        return sum(shape.numel() for shape in self.shapes)

    def outputs(self, vector: Tensor, inputs: Tensor) -> Tensor:
        """Return the network's outputs for rows (n, …) with the weights of a vector (p,)."""
        made = functional_call(self.module, self.parts(vector), (inputs,))
        assert isinstance(made, Tensor)
        return made

    def parts(self, vector: Tensor) -> dict[str, Tensor]:
        """Return the vector (p,) cut into the weights that it stands for, by name."""
        pieces = torch.split(vector, [shape.numel() for shape in self.shapes])
        return {
            name: piece.reshape(shape)
            for name, piece, shape in zip(self.names, pieces, self.shapes, strict=True)
        }

    def jacobian(self, vector: Tensor, inputs: Tensor) -> Tensor:
        """Return the derivatives (n·k, p) of all outputs, row by row, by all weights.

        Rows do not know each other (networks are solved as they are used), so each row's derivatives
        are taken alone, all rows at once.
        """

        found = jacobian_of_linears(self.module, self.parts(vector), inputs)
        return self._any_jacobian(vector, inputs) if found is None else found

    def _any_jacobian(self, vector: Tensor, inputs: Tensor) -> Tensor:
        """Return the same for any module: each row's own backward passes, batched where they are many."""

        if len(inputs) <= FEW:
            return self._slow_jacobian(vector, inputs)

        def one(weights: Tensor, row: Tensor) -> Tensor:
            return self.outputs(weights, row[None]).reshape(-1)

        try:
            found = vmap(jacrev(one), (None, 0))(vector, inputs)
        except RuntimeError:  # an operation that cannot be batched
            return self._slow_jacobian(vector, inputs)
        return torch.reshape(found, (-1, self.size))

    def _slow_jacobian(self, vector: Tensor, inputs: Tensor) -> Tensor:
        """Return the same by one backward pass for each output."""
        leaf = vector.detach().clone().requires_grad_()
        flat = self.outputs(leaf, inputs).reshape(-1)
        rows = [torch.autograd.grad(value, leaf, retain_graph=True)[0] for value in flat]
        return torch.stack(rows)

    def loss_and_gradient(
        self, vector: Tensor, inputs: Tensor, loss: Callable[[Tensor], Tensor]
    ) -> tuple[float, Tensor]:
        """Return loss(outputs) and its gradient (p,) by the weights."""
        leaf = vector.detach().clone().requires_grad_()
        value = loss(self.outputs(leaf, inputs))
        (gradient,) = torch.autograd.grad(value, leaf, materialize_grads=True)
        return float(value.detach()), gradient


def network(module: nn.Module) -> Network:
    """Return a module as a function of its trained weights; those that are frozen stay as they are."""
    held = {name: p for name, p in module.named_parameters() if p.requires_grad}
    dtype = next((p.dtype for p in held.values()), torch.get_default_dtype())
    return Network(module, tuple(held), tuple(p.shape for p in held.values()), dtype)


def vector_of(module: nn.Module) -> Tensor:
    """Return the trained weights of a module, end to end (p,), in the order of `network`."""
    return torch.cat([p.detach().reshape(-1) for p in module.parameters() if p.requires_grad])


def put(module: nn.Module, vector: Tensor) -> None:
    """Write a vector (p,) into the trained weights of a module."""
    made = network(module)
    with torch.no_grad():
        for name, piece in made.parts(vector).items():
            module.get_parameter(name).copy_(piece)
