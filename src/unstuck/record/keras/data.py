"""The rows behind the batches that Keras cuts out of arrays."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from unstuck.record.torch.rows import MAX_BYTES
from unstuck.record.torch.tape import tensors_in

ARRAYS = "ArrayDataAdapter.get_torch_dataloader.<locals>.ArrayDataset"
"""The name of the data set that Keras makes of arrays."""


def holds_arrays(dataset: Any) -> bool:
    """Whether a data set is the one that Keras makes of arrays."""
    return type(dataset).__qualname__ == ARRAYS


def columns(dataset: Any) -> list[Tensor]:
    """Return all rows of the arrays behind a data set, (rows, …) each; nothing for others or larger ones."""
    count = _count(dataset.array)
    first = flat(dataset.__getitems__([0]))
    if sum(part.numel() * part.element_size() for part in first) * count > MAX_BYTES:
        return []
    return [part.detach() for part in flat(dataset.__getitems__(list(range(count))))]


def _count(held: Any) -> int:
    """Return the number of rows of the first array that Keras is to cut."""
    while isinstance(held, list | tuple | dict):
        held = next(iter(held.values() if isinstance(held, dict) else held))
    return int(held.array.shape[0])


def flat(batch: Any) -> list[Tensor]:
    """Return the tensors of a batch in order."""
    if isinstance(batch, dict):
        return [part for value in batch.values() for part in flat(value)]
    if isinstance(batch, list | tuple):
        return [part for value in batch for part in flat(value)]
    return list(tensors_in(batch))
