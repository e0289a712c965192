"""What one forward pass of one network does, counted by running it: operations, numbers, multiply-adds."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from unstuck.core.setup import Program, Setup
from unstuck.replay import interpret, tensors


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """operations: that torch runs; numbers: that elementwise ones compute; multiply_adds: in products."""

    operations: int
    numbers: int
    multiply_adds: int


class _Counter(TorchDispatchMode):
    """Counts while it is entered."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations = self.numbers = self.multiply_adds = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if func.is_view:
            return out
        self.operations += 1
        count = flop_registry.get(func._overloadpacket)
        if count is not None:
            self.multiply_adds += count(*args, **(kwargs or {}), out_val=out) // 2
        else:
            parts = out if isinstance(out, list | tuple) else (out,)
            self.numbers += sum(part.numel() for part in parts if isinstance(part, torch.Tensor))
        return out


COUNTED = 64
"""Rows that are passed to be counted; what more of them cost follows from it."""

_known: dict[Hashable, tuple[Program, Work]] = {}


def forward(setup: Setup, rows: int) -> Work:
    """Return what a forward pass over so many rows does. Raises what torch raises."""
    program, counted = setup.program, min(rows, COUNTED)
    key = (id(program), tuple(parameter.start.shape for parameter in setup.parameters), counted)
    if key not in _known:
        _known[key] = program, _counted(setup, counted)  # kept, so that its id stays its own
    work = _known[key][1]
    times = rows / counted
    return Work(work.operations, round(work.numbers * times), round(work.multiply_adds * times))


def _counted(setup: Setup, rows: int) -> Work:
    given = tensors.rows(setup, np.arange(rows) % setup.data.count)
    with torch.no_grad(), _Counter() as counted:
        interpret(setup.program)(tensors.weights(setup), given, want=(setup.program.loss,))
    return Work(counted.operations, counted.numbers, counted.multiply_adds)
