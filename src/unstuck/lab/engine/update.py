"""Update rules on stacked weights in any layout, in place; the rarer ones are those of the trials.

Each follows torch's own definition (torch.optim documentation, "Algorithm" boxes); a test holds them against it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from unstuck.core.setup import Optimizer
from unstuck.trial.update import update_rule

Step = Callable[[Tensor], None]
"""Moves the weights by a gradient of their shape, which it may overwrite where `owned`."""


def update(optimizer: Optimizer, weights: Tensor, *, owned: bool) -> Step:
    """Return the rule that moves these weights; owned: whether it may overwrite the gradient."""
    settings = optimizer.groups[0]
    plain = set(settings) <= {"lr", "momentum", "weight_decay"}
    if optimizer.kind == "SGD" and plain and not settings.get("weight_decay"):
        return _sgd(weights, optimizer.rate, float(settings.get("momentum") or 0.0))
    if optimizer.kind == "Adam" and set(settings) <= {"lr"}:
        return _adam(weights, optimizer.rate, owned=owned)
    return _any(optimizer, weights)


def _sgd(weights: Tensor, rate: float, momentum: float) -> Step:
    if not momentum:

        def plain(gradient: Tensor) -> None:
            weights.sub_(gradient, alpha=rate)

        return plain
    buffer = torch.zeros_like(weights)

    def heavy(gradient: Tensor) -> None:
        weights.sub_(buffer.mul_(momentum).add_(gradient), alpha=rate)

    return heavy


def _adam(weights: Tensor, rate: float, *, owned: bool) -> Step:
    first, second = torch.zeros_like(weights), torch.zeros_like(weights)
    spread, made = torch.empty_like(weights), 0
    beta1, beta2, eps = 0.9, 0.999, 1e-8

    def step(gradient: Tensor) -> None:
        nonlocal made
        made += 1
        first.lerp_(gradient, 1 - beta1)
        second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        root = math.sqrt(1 - beta2**made)
        torch.sqrt(second, out=spread)
        spread.div_(root).add_(eps)
        weights.addcdiv_(first, spread, value=-rate / (1 - beta1**made))

    return step


def _any(optimizer: Optimizer, weights: Tensor) -> Step:
    kept, rule = update_rule(optimizer)
    state = tuple(torch.zeros_like(weights) for _ in range(kept))
    rate = torch.tensor(optimizer.rate, device=weights.device)
    count = torch.zeros((), device=weights.device)

    def step(gradient: Tensor) -> None:
        nonlocal state
        count.add_(1)
        moved, state = rule(weights, gradient, state, rate, count)
        weights.copy_(moved)

    return step
