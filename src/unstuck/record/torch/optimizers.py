"""What is kept of an optimizer: its rule and settings as plain data, and whose parameters it holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from unstuck.core.recording import Where
from unstuck.core.setup import Optimizer


@dataclasses.dataclass(frozen=True, slots=True)
class Built:
    """An optimizer as it was built. groups: id of a parameter -> number of its group."""

    optimizer: Optimizer
    groups: dict[int, int]
    where: Where | None


class Standin:
    """Stands for an optimizer that is not torch's own: the name of its rule and its groups, as torch has them.

    limits: the norm that it clips gradients to itself, and the size of each of their numbers; each: the
    norm that it clips the gradient of each parameter to.
    """

    def __init__(self, kind: str, groups: list[dict[str, Any]]) -> None:
        self.kind, self.param_groups = kind, groups
        self.limits: tuple[float | None, float | None] = (None, None)
        self.each: float | None = None


Stepper = torch.optim.Optimizer | Standin
"""What updates parameters."""


def built(optimizer: Stepper, where: Where | None) -> Built:
    """Return what is kept of an optimizer in case it never steps."""
    groups = {
        id(parameter): number
        for number, group in enumerate(optimizer.param_groups)
        for parameter in group["params"]
    }
    return Built(specification(optimizer), groups, where)


def holding(known: Iterable[Built], leaves: list[Tensor]) -> Built | None:
    """Return the last optimizer that holds one of these parameters, None if there is none."""
    ids = set(map(id, leaves))
    return next((one for one in reversed(list(known)) if ids & one.groups.keys()), None)


def specification(optimizer: Stepper) -> Optimizer:
    """Return the settings of an optimizer as plain data."""
    known = type(optimizer).__module__.startswith("torch.optim")
    kind = type(optimizer).__name__ if known else f"unknown ({type(optimizer).__name__})"
    kind = optimizer.kind if isinstance(optimizer, Standin) else kind
    groups = tuple(
        {key: _plain(value) for key, value in group.items() if key != "params"}
        for group in optimizer.param_groups
    )
    return Optimizer(kind, groups)


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return float(value)
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, bool | int | float | str) or value is None else repr(value)
