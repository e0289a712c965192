"""Starting weights for every member of an ensemble, drawn as the script draws them."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from unstuck.core.setup import Draw, Parameter, Setup


def starts(setup: Setup, members: int, seed: int) -> dict[int, Tensor]:
    """Return slot -> (members, …): row m is drawn from a generator of its own, seeded by (seed, m).

    Member m of two setups of the same shapes starts from the same weights, so arms can be paired.
    With `Setup.start` "recorded", every member has the recorded weights.
    """
    recorded = {p.slot: torch.from_numpy(p.start.copy()) for p in setup.parameters}
    if setup.start == "recorded":
        return {
            slot: value.expand(members, *value.shape).clone() for slot, value in recorded.items()
        }
    drawn: dict[int, list[Tensor]] = {p.slot: [] for p in setup.parameters}
    for member in range(members):
        generator = torch.Generator().manual_seed(seed * 1_000_003 + member)
        for parameter in setup.parameters:
            value = recorded[parameter.slot].clone()
            for draw in parameter.draws:
                value = _drawn(value, draw, parameter, generator)
            drawn[parameter.slot].append(value)
    return {slot: torch.stack(values) for slot, values in drawn.items()}


def _drawn(value: Tensor, draw: Draw, parameter: Parameter, generator: torch.Generator) -> Tensor:
    """Apply one move of `core.setup.Draw`."""
    first = draw.numbers[0] if draw.numbers else 1.0
    match draw.how:
        case "uniform":
            return value.uniform_(*draw.numbers, generator=generator)
        case "normal":
            return value.normal_(*draw.numbers, generator=generator)
        case "constant":
            return value.fill_(first)
        case "scale":
            return value * first
        case "shift":
            return value + first
        case "fan_uniform":
            bound = first / math.sqrt(max(draw.fan, 1))
            return value.uniform_(-bound, bound, generator=generator)
        case "fan_normal":
            return value.normal_(0.0, first / math.sqrt(max(draw.fan, 1)), generator=generator)
        case "xavier_uniform":
            bound = first * math.sqrt(6.0 / _fans(value))
            return value.uniform_(-bound, bound, generator=generator)
        case "xavier_normal":
            return value.normal_(0.0, first * math.sqrt(2.0 / _fans(value)), generator=generator)
        case "orthogonal":
            return torch.nn.init.orthogonal_(value, first, generator=generator)
        case "keep":
            return value
    raise ValueError(f"{parameter.name}: no way to draw {draw.how!r} is known")


def _fans(value: Tensor) -> int:
    receptive = math.prod(value.shape[2:])
    return (value.shape[0] + value.shape[1]) * receptive
