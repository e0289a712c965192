"""A Setup's arrays as torch tensors."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from unstuck.core.setup import Setup
from unstuck.core.setup import Tensor as Array


def weights(setup: Setup, when: Literal["start", "end"] = "start") -> dict[int, Tensor]:
    """Return the recorded parameters: slot -> tensor. Raises LookupError where no end was recorded."""
    found = {}
    for parameter in setup.parameters:
        array = parameter.start if when == "start" else parameter.end
        if array is None:
            raise LookupError(f"the {when} value of {parameter.name} was not recorded")
        found[parameter.slot] = torch.from_numpy(np.ascontiguousarray(array))
    return found


def rows(setup: Setup, index: np.ndarray | None = None) -> dict[int, Tensor]:
    """Return the rows (all, or those at `index`): slot -> (n, …)."""
    return taken(setup.data.rows, index)


def taken(arrays: dict[int, Array], index: np.ndarray | None) -> dict[int, Tensor]:
    """Return these rows (all, or those at `index`) as tensors."""
    return {
        slot: torch.from_numpy(np.ascontiguousarray(array if index is None else array[index]))
        for slot, array in arrays.items()
    }
