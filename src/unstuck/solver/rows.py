"""What the user gave, as tensors of rows: checked, and refused in one sentence where it cannot be used."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unstuck.solver.unsolvable import Unsolvable


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Inputs (n, …) and targets (n, …) on the processor; whole numbers stay whole numbers."""

    inputs: Tensor
    targets: Tensor

    @property
    def count(self) -> int:
        """Number of rows n."""
        return len(self.inputs)


def taken(X: Any, y: Any) -> Rows:
    """Return arrays, tensors, tables or lists as rows; raises Unsolvable with one sentence."""
    inputs, targets = _tensor("X", X), _tensor("y", y)
    if inputs.ndim == 1:
        inputs = inputs[:, None]
    if len(inputs) == 0:
        raise Unsolvable("X has no rows; give at least one row to fit.")
    if inputs[0].numel() == 0:
        raise Unsolvable(f"X of shape {tuple(inputs.shape)} has no columns; give at least one.")
    if len(inputs) != len(targets):
        raise Unsolvable(
            f"X has {len(inputs):,} rows and y has {len(targets):,}; give one target for each row."
        )
    for name, values in (("X", inputs), ("y", targets)):
        _refuse_holes(name, values)
    return Rows(inputs, targets)


def _tensor(name: str, given: Any) -> Tensor:
    """Return a copy of what was given; floating point as float64."""
    if isinstance(given, Tensor):
        found = given.detach().cpu().clone()
    else:
        found = torch.from_numpy(_array(name, given).copy())
    if found.is_complex():
        raise Unsolvable(f"{name} holds complex numbers; give real ones.")
    if found.ndim == 0:
        raise Unsolvable(f"{name} is a single number; give one entry for each row.")
    return found.double() if found.is_floating_point() else found


def _array(name: str, given: Any) -> np.ndarray[Any, Any]:
    if hasattr(given, "toarray"):  # scipy's sparse matrices
        given = given.toarray()
    try:
        found = np.asarray(given)
        if found.dtype == object:
            found = found.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise Unsolvable(
            f"{name} is no array of numbers ({str(error).rstrip('.')}); give numbers, in rows of one length."
        ) from error
    if found.dtype.kind not in "biuf":
        raise Unsolvable(
            f"{name} holds {found.dtype} and not numbers; encode words as numbers (classes as 0, 1, 2, …)."
        )
    if found.dtype.kind == "u":
        found = found.astype(np.int64)
    return found.astype(np.float64) if found.dtype.kind == "f" else found


def _refuse_holes(name: str, values: Tensor) -> None:
    if not values.is_floating_point():
        return
    holed = ~torch.isfinite(values.reshape(len(values), -1)).all(1)
    if holed.any():
        first = int(holed.nonzero()[0])
        count = int(holed.sum())
        raise Unsolvable(
            f"{count:,} of the {len(values):,} rows of {name} hold NaN or infinity (the first is row"
            f" {first}); drop those rows or fill them in."
        )
