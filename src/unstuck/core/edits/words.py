"""Which edits have a writer, by idiom: what `unstuck rules` says without loading one.

A test holds these lists to the writers in `patch`.
"""

from __future__ import annotations

from typing import get_args

from unstuck.core import edits

KERAS: frozenset[type] = frozenset(
    {
        edits.AsClasses,
        edits.DropActivation,
        edits.DropEnding,
        edits.DropSquash,
        edits.HoldParameters,
        edits.InsertActivation,
        edits.KeepDefaultInit,
        edits.RenameCall,
        edits.ReplaceActivation,
        edits.Resize,
        edits.ScaleInputs,
        edits.ScaleTargets,
        edits.SetArgument,
        edits.SetBatch,
        edits.SetDropout,
        edits.SetSteps,
        edits.TakeLogits,
        edits.TakeShares,
        edits.UseLogits,
        edits.WeighClasses,
    }
)
"""What can be written as one writes Keras."""

TORCH: frozenset[type] = frozenset(get_args(edits.Edit)) - {edits.TakeLogits, edits.TakeShares}
"""What can be written as one writes torch, Lightning or scikit-learn."""
