"""Derivatives of each output in each row by all weights, where all weights are those of Linear layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call


def jacobian_of_linears(
    module: nn.Module, parts: Mapping[str, Tensor], inputs: Tensor
) -> Tensor | None:
    """Return the derivatives (n·k, p) for rows (n, …), None where a weight is not a Linear layer's own.

    For z = W a + b in one row, the derivative of an output by W is its derivative by z times a' (the
    backpropagation rule; Rumelhart, Hinton and Williams 1986, Nature 323:533). One backward pass for
    each of the k outputs gives those by z in all rows at once, since rows do not know each other.
    parts: the weights, in the order of the columns.
    """
    made: dict[str, Tensor] = {}
    read: dict[str, Tensor] = {}
    layers = {path: m for path, m in module.named_modules() if isinstance(m, nn.Linear)}
    if not _own(layers, parts):
        return None
    uses: list[str] = []
    handles = [
        layer.register_forward_hook(_note(path, uses, read, made)) for path, layer in layers.items()
    ]
    try:
        leaves = {name: part.detach().requires_grad_() for name, part in parts.items()}
        output = functional_call(module, leaves, (inputs,))
    finally:
        for handle in handles:
            handle.remove()
    flat = [part for part in read.values() if part.ndim == 2 and len(part) == len(inputs)]
    if len(uses) != len(layers) or len(flat) != len(layers) or len(output) != len(inputs):
        return None
    columns = output.reshape(len(inputs), -1)
    blocks = [_rows(column, parts, read, made) for column in columns.sum(0)]
    return torch.stack(blocks, 1).reshape(columns.numel(), -1)


def _own(layers: Mapping[str, nn.Linear], parts: Mapping[str, Tensor]) -> bool:
    """Whether the weights are exactly those of the layers, each in one place only."""
    names = [f"{path}.{name}" for path, m in layers.items() for name, _ in m.named_parameters()]
    return sorted(names) == sorted(parts)


def _note(path: str, uses: list[str], read: dict[str, Tensor], made: dict[str, Tensor]) -> Any:
    def note(_: nn.Module, given: tuple[Tensor, ...], result: Tensor) -> None:
        uses.append(path)
        read[path], made[path] = given[0].detach(), result

    return note


def _rows(
    total: Tensor, parts: Mapping[str, Tensor], read: dict[str, Tensor], made: dict[str, Tensor]
) -> Tensor:
    """Return the derivatives (n, p) of one output, whose sum over the rows is given."""
    slopes = torch.autograd.grad(
        total, list(made.values()), retain_graph=True, materialize_grads=True
    )
    by = dict(zip(made, slopes, strict=True))
    columns = []
    for name in parts:
        path, _, kind = name.rpartition(".")
        slope = by[path]
        if kind == "weight":
            columns.append((slope[:, :, None] * read[path][:, None, :]).flatten(1))
        else:
            columns.append(slope)
    return torch.cat(columns, 1)
