"""Which function writes which kind of edit in a script that speaks Keras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from unstuck.core import edits
from unstuck.core.edits import Edit
from unstuck.patch.keras.activations import drop_activations, replace_activations
from unstuck.patch.keras.arguments import insert_activations
from unstuck.patch.keras.drop_ending import drop_endings
from unstuck.patch.keras.keep_default_init import keep_default_inits
from unstuck.patch.keras.losses import (
    as_classes,
    drop_squashes,
    rename_calls,
    take_logits,
    take_shares,
    use_logits,
)
from unstuck.patch.keras.scale_inputs import scale_inputs
from unstuck.patch.keras.scale_targets import scale_targets
from unstuck.patch.keras.set_argument import set_arguments
from unstuck.patch.keras.set_steps import set_steps
from unstuck.patch.keras.settings import (
    hold_parameters,
    resizes,
    set_batches,
    set_dropouts,
    weigh_classes,
)
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files

WRITERS: dict[type[Edit], Callable[[Files, Sequence[Any]], Sequence[Splice | Demand]]] = {
    edits.SetArgument: set_arguments,
    edits.SetSteps: set_steps,
    edits.ScaleInputs: scale_inputs,
    edits.InsertActivation: insert_activations,
    edits.ScaleTargets: scale_targets,
    edits.ReplaceActivation: replace_activations,
    edits.DropActivation: drop_activations,
    edits.UseLogits: use_logits,
    edits.TakeLogits: take_logits,
    edits.TakeShares: take_shares,
    edits.DropSquash: drop_squashes,
    edits.RenameCall: rename_calls,
    edits.Resize: resizes,
    edits.SetDropout: set_dropouts,
    edits.SetBatch: set_batches,
    edits.WeighClasses: weigh_classes,
    edits.HoldParameters: hold_parameters,
    edits.AsClasses: as_classes,
    edits.KeepDefaultInit: keep_default_inits,
    edits.DropEnding: drop_endings,
}
