"""Other statistics for BatchNorm layers, as changes: those of the batch, or those of each row."""

from __future__ import annotations

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import NormaliseRows, StayInTraining
from unstuck.core.recording import Where
from unstuck.core.rule import View
from unstuck.core.setup import Op
from unstuck.core.transform import in_training_mode, within_rows
from unstuck.rules.places import called

SHAPES = frozenset({"transpose", "permute", "swapaxes", "movedim", "mT", "unsqueeze", "embedding"})
"""Operations that may make a sequence of a row, so that a layer is given many numbers a feature."""


def place(view: View, op: Op) -> Where | None:
    """Return where a layer is built, or where it is called; needs ``setup``."""
    return (view.built(op.module) if op.module else None) or called(op)


def switched_on(view: View, name: str) -> Change:
    """Return the change that trains in training mode; needs ``setup``."""
    backward = view.line("backward")
    edits = (StayInTraining(backward),) if backward else ()
    return Change(
        name,
        "train in training mode, so that BatchNorm normalises by the batch (it is in evaluation mode)",
        in_training_mode,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.BUG,
    )


def by_rows(view: View, name: str, ops: list[Op]) -> Change:
    """Return the change that normalises each row by itself; needs ``setup``.

    It leaves the batches as they are: if the network learns with it, it is what these operations make
    of the batches that was in the way, and not the noise of small ones.
    """
    lines = [view.built(op.module) if op.module else None for op in ops]
    known = tuple(line for line in lines if line is not None)
    flat = tuple(_flat(view, op) for op in ops)
    edits = (NormaliseRows(known, flat),) if len(known) == len(ops) else ()
    return Change(
        name,
        "normalise each row by itself (LayerNorm, GroupNorm) instead of over the batch",
        within_rows,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.SETTING,
    )


def _flat(view: View, op: Op) -> bool:
    """Whether a layer is given one number a feature and row: what linear maps alone make."""
    shaped = any(
        other.short.startswith("conv") or other.short in SHAPES for other in view.setup.program.ops
    )
    return view.kind(op.module) == "BatchNorm1d" and not shaped
