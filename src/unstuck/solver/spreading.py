"""Weights to start from: drawn anew as the layers draw them, with their thresholds inside the data."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unstuck.solver.linears import calls

MOST_ROWS = 1000  # rows looked at: a spread and a threshold need no more
LITTLE = 0.05  # spread of a pre-activation around 1: zero is twenty spreads away
LEAST = (
    0.1  # of the layer's mean spread: a unit that varies less would get weights that float32 rounds
)
STILL = 1e-12  # a pre-activation that varies by less than this share of its size is constant


def redrawn(model: nn.Module, generator: torch.Generator) -> None:
    """Draw the weights of a model anew, in place, as its layers do; call it inside `fork_rng`.

    Parameters that no layer knows how to draw are multiplied by normal numbers, which keeps their size.
    """
    torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
    known: set[int] = set()
    for module in model.modules():
        reset = getattr(module, "reset_parameters", None)
        own = [p for p in module.parameters() if p.requires_grad]
        if callable(reset) and own and all(p.requires_grad for p in module.parameters()):
            reset()
            known.update(map(id, own))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad and id(parameter) not in known:
                parameter.mul_(torch.randn(parameter.shape, dtype=parameter.dtype))


def spread_thresholds(
    model: nn.Module,
    inputs: Tensor,
    generator: torch.Generator,
    *,
    sharp: float = 1.0,
    straight: bool = False,
) -> None:
    """Set biases of hidden Linear layers, in place, so that each unit bends within the data.

    Data-dependent, layer by layer, as in Mishkin and Matas 2016 (arXiv:1511.06422): each unit's
    pre-activation gets spread 1 over the rows (n, …), and its zero lies between two rows drawn at
    random. sharp: the spread that the first layer's units get instead, with which a smooth unit bends
    within a smaller part of the data. straight: no unit bends within the data at all, and the network is
    nearly a linear map, as is best where a line is nearly right. Layers without a bias, frozen ones and those used more than once get no threshold.
    """
    few = inputs[:: max(1, len(inputs) // MOST_ROWS)]
    found, _ = calls(model, few)
    uses = [id(call.layer) for call in found]
    for place, call in enumerate(found[:-1]):
        layer = call.layer
        if uses.count(id(layer)) > 1 or not layer.weight.requires_grad:
            continue
        read = calls(model, few)[0][place].read.reshape(-1, layer.in_features)
        with torch.no_grad():
            if straight:
                _straighten(layer, read)
            else:
                _spread(layer, read, generator, sharp if place == 0 else 1.0)


def _straighten(layer: nn.Linear, read: Tensor) -> None:
    """Scale a layer's weights and set its biases so that pre-activations hardly vary around 1."""
    made = read @ layer.weight.T
    wide = made.std(0, correction=0).clamp_min(1e-300)
    layer.weight *= (LITTLE / wide).clamp_max(1.0)[:, None]
    if layer.bias is not None and layer.bias.requires_grad:
        layer.bias.copy_(1 - (read @ layer.weight.T).mean(0))


def _spread(layer: nn.Linear, read: Tensor, generator: torch.Generator, sharp: float) -> None:
    """Scale the rows of a layer's weights and set its biases by what it reads (n, d)."""
    made = read @ layer.weight.T
    wide = made.std(0, correction=0)
    varies = wide > STILL * made.abs().amax(0).clamp_min(1e-300)
    least = (LEAST * wide.square().mean().sqrt()).clamp_min(1e-300)
    scale = torch.where(varies, sharp / wide.clamp_min(least), torch.ones_like(wide))
    layer.weight *= scale[:, None]
    if layer.bias is None or not layer.bias.requires_grad:
        return
    made = made * scale
    pair = torch.randint(len(made), (2, layer.out_features), generator=generator)
    share = torch.rand(layer.out_features, generator=generator, dtype=made.dtype)
    one, other = made.gather(0, pair)
    layer.bias.copy_(torch.where(varies, -(share * one + (1 - share) * other), layer.bias))
