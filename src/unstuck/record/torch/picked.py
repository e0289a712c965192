"""One value of each row, picked by a running number and a column: `scores[arange(n), labels]` as a gather.

The running number is no data of the script's: it says no more than that each row meets its own label,
which a gather says for any number of rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import torch
from torch import Tensor

from unstuck.core.setup import Json
from unstuck.record.torch.taped import Taped, read_by


def gathered(ops: list[Taped], leaves: Callable[[int], Tensor | None]) -> list[Taped]:
    """Write such an index as ``gather``. leaves: the data in a slot."""
    shapes = {slot: shape for op in ops for slot, shape in zip(op.outs, op.shapes, strict=False)}
    fresh = 1 + max((slot for op in ops for slot in (*op.outs, *read_by(op))), default=0)
    found: list[Taped] = []
    for op in ops:
        column = _column(op, shapes, leaves)
        if column is None:
            found.append(op)
            continue
        rows = op.shapes[0][0]
        upright = dataclasses.replace(
            op, function=torch.Tensor.unsqueeze, args=({"slot": column}, 1), outs=(fresh,), shapes=((rows, 1),)
        )  # fmt: skip
        picked = dataclasses.replace(
            op, function=torch.gather, args=(op.args[0], 1, {"slot": fresh}), outs=(fresh + 1,),
            shapes=((rows, 1),),
        )  # fmt: skip
        flat = dataclasses.replace(op, function=torch.Tensor.squeeze, args=({"slot": fresh + 1}, 1))
        found += [upright, picked, flat]
        fresh += 2
    return found


def _column(
    op: Taped, shapes: dict[int, tuple[int, ...]], leaves: Callable[[int], Tensor | None]
) -> int | None:
    """Return the slot of the columns that are picked, None where the operation picks nothing like it."""
    if getattr(op.function, "__name__", "") != "__getitem__" or len(op.args) != 2:
        return None
    index = op.args[1].get("tuple") if isinstance(op.args[1], dict) else None
    source = op.args[0].get("slot") if isinstance(op.args[0], dict) else None
    if not isinstance(index, list) or len(index) != 2 or not isinstance(source, int):
        return None
    scores, column = shapes.get(source, ()), index[1]
    if len(scores) != 2 or op.shapes[0] != scores[:1] or not isinstance(column, dict):
        return None
    slot = column.get("slot")
    labels = leaves(slot) if isinstance(slot, int) else None
    if not isinstance(slot, int) or labels is None or labels.shape != scores[:1]:
        return None
    return slot if _counts(index[0], scores[0], leaves) else None


def _counts(value: Json, rows: int, leaves: Callable[[int], Tensor | None]) -> bool:
    """Whether an index is 0, 1, 2 … for all rows."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("list"), list):
        return bool(value["list"] == list(range(rows)))
    slot = value.get("slot")
    counted = leaves(slot) if isinstance(slot, int) else None
    return (
        counted is not None and counted.shape == (rows,) and counted.tolist() == list(range(rows))
    )
