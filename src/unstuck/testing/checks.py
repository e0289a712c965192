"""What is looked at in a torch module beside its training: its input, its rows, its gradients."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unstuck.python.aside import aside
from unstuck.python.torch.given import Given, given

UPDATES = 5
"""Updates after which each parameter has had a gradient once: a layer that starts at zero holds back those below it."""

RATE = 0.01
"""Of Adam where no optimizer is given: a few rows are to be learned in few steps, and no detail."""

SAME = 1e-5
"""Of the outputs' size: float32 sums in another order differ by less."""


def adam(parameters: Any) -> torch.optim.Optimizer:
    """Return what a network is trained with where nothing is said about it."""
    return torch.optim.Adam(parameters, lr=RATE)


def looked(
    model: nn.Module, X: Any, y: Any, *, loss: Any, optimizer: Any, random_state: int
) -> dict[str, str]:
    """Return what is wrong by the name of the check, "" where nothing is. X (n, …), y (n, …): the batch."""
    with aside(random_state), torch.inference_mode(False), torch.enable_grad():
        things = given(model, X, y, loss, optimizer)
        used = copy.deepcopy(things.model).eval()
        return {
            "input": _ignores(used, things.X),
            "samples": _mixes(used, things.X),
            "gradients": _without_gradient(things),
        }


def _ignores(model: Callable[[Tensor], Tensor], X: Tensor) -> str:
    """X (n, …): the rows; their outputs are compared with those of the rows before."""
    if len(X) < 2 or bool((X[:1] == X).all()):
        return ""
    with torch.no_grad():
        made, other = model(X), model(X.roll(1, 0))
    if _apart(made, other) > SAME:
        return ""
    return "the output is the same whatever the input is."


def _mixes(model: Callable[[Tensor], Tensor], X: Tensor) -> str:
    """X (n, …): the rows; all but the first are replaced by the second: no mean stays as it was."""
    if len(X) < 3:
        return ""
    others = torch.cat([X[:1], X[1:2].expand_as(X[1:])])
    with torch.no_grad():
        made, other = model(X)[:1], model(others)[:1]
    if _apart(made, other) <= SAME:
        return ""
    return "the output of a row depends on the other rows of its batch."


def _apart(one: Tensor, other: Tensor) -> float:
    """Return the largest difference over the largest size."""
    size = max(float(one.abs().max()), float(other.abs().max()), torch.finfo(torch.float32).tiny)
    return float((one - other).abs().max()) / size


def _without_gradient(things: Given) -> str:
    waiting = {name for name, p in things.model.named_parameters() if p.requires_grad}
    for _ in range(UPDATES):
        things.optimizer.zero_grad()
        loss = things.compare(things.model(things.X), things.y)
        loss.backward()  # type: ignore[no-untyped-call]
        parameters = things.model.named_parameters()
        waiting -= {name for name, p in parameters if p.grad is not None and bool(p.grad.any())}
        things.optimizer.step()
    if not waiting:
        return ""
    few = sorted(waiting)[:5]
    more = f" and {len(waiting) - len(few)} more" if len(waiting) > len(few) else ""
    return f"no gradient reaches {', '.join(few)}{more}."
