"""Where the Linear layers of a network stand: which read its inputs, which make its outputs, in order."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One use of a Linear layer in a forward pass: its path, itself, what it read and what it made."""

    path: str
    layer: nn.Linear
    read: Tensor
    made: Tensor


def calls(model: nn.Module, inputs: Tensor) -> tuple[tuple[Call, ...], Tensor]:
    """Return the uses of Linear layers in the order in which they happen, and the network's output.

    Nothing of the model is changed; layers that share weights appear as often as they are used.
    """
    found: list[Call] = []
    with contextlib.ExitStack() as hooks, torch.no_grad():
        for path, layer in model.named_modules():
            if isinstance(layer, nn.Linear):
                hooks.enter_context(_noted(path, layer, found))
        output = model(inputs)
    return tuple(found), output


@contextlib.contextmanager
def _noted(path: str, layer: nn.Linear, found: list[Call]) -> Iterator[None]:
    def note(_: nn.Module, read: tuple[Any, ...], made: Any) -> None:
        found.append(Call(path, layer, read[0].detach(), made.detach()))

    handle = layer.register_forward_hook(note)
    try:
        yield
    finally:
        handle.remove()


def readers(found: tuple[Call, ...], inputs: Tensor) -> tuple[nn.Linear, ...]:
    """Return the layers that read the network's own inputs, flattened or not; frozen ones left out."""
    return tuple(call.layer for call in found if _same(call.read, inputs) and absorbs(call.layer))


def makers(found: tuple[Call, ...], output: Tensor) -> tuple[nn.Linear, ...]:
    """Return the last layer, if what it makes is the network's own output, in whatever shape."""
    return tuple(
        call.layer for call in found[-1:] if _same(call.made, output) and absorbs(call.layer)
    )


def absorbs(layer: nn.Linear) -> bool:
    """Whether a layer's weights may be changed: those of a frozen one are the user's to keep."""
    return all(parameter.requires_grad for parameter in layer.parameters())


def _same(one: Tensor, other: Tensor) -> bool:
    return one.numel() == other.numel() and bool(
        torch.equal(one.reshape(-1), other.reshape(-1).to(one.dtype))
    )
