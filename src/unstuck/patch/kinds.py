"""Which function writes which kind of edit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from unstuck.core import edits
from unstuck.core.edits import DropEnding, Edit, SetSteps
from unstuck.core.recording import Where
from unstuck.patch.edits.add_step import add_steps
from unstuck.patch.edits.add_waves import add_waves, settled
from unstuck.patch.edits.clear_gradients import clear_gradients
from unstuck.patch.edits.clip_targets import clip_targets
from unstuck.patch.edits.draw_normal import draw_normals
from unstuck.patch.edits.draw_weights import draw_weights
from unstuck.patch.edits.drop_activation import drop_activations
from unstuck.patch.edits.drop_ending import drop_endings
from unstuck.patch.edits.drop_schedule import drop_schedules
from unstuck.patch.edits.drop_squash import drop_squashes
from unstuck.patch.edits.flip_sign import flip_signs
from unstuck.patch.edits.guard_operand import guard_operands
from unstuck.patch.edits.hoist_optimizer import hoist_optimizers
from unstuck.patch.edits.hold_parameters import hold_parameters
from unstuck.patch.edits.insert_activation import insert_activations
from unstuck.patch.edits.keep_default_init import keep_default_inits
from unstuck.patch.edits.keep_fractions import keep_fractions
from unstuck.patch.edits.let_gradients import let_gradients
from unstuck.patch.edits.match_shapes import match_shapes
from unstuck.patch.edits.mend_rows import mend_rows
from unstuck.patch.edits.move_clear import move_clears
from unstuck.patch.edits.normalise_rows import normalise_rows
from unstuck.patch.edits.register_layers import register_layers
from unstuck.patch.edits.rename_call import rename_calls
from unstuck.patch.edits.replace_activation import replace_activations
from unstuck.patch.edits.resize import resizes
from unstuck.patch.edits.scale_inputs import scale_inputs
from unstuck.patch.edits.scale_targets import scale_targets
from unstuck.patch.edits.set_argument import set_arguments
from unstuck.patch.edits.set_batch import set_batches
from unstuck.patch.edits.set_dropout import set_dropouts
from unstuck.patch.edits.set_seed import set_seeds
from unstuck.patch.edits.set_steps import set_steps
from unstuck.patch.edits.shuffle import shuffles
from unstuck.patch.edits.stay_in_training import stay_in_training
from unstuck.patch.edits.unfreeze import unfreezes
from unstuck.patch.edits.unit_targets import as_classes, unit_targets
from unstuck.patch.edits.use_logits import use_logits
from unstuck.patch.edits.weigh_classes import weigh_classes
from unstuck.patch.edits.wrap_estimator import wrap_estimators
from unstuck.patch.keras import kinds as in_keras
from unstuck.patch.keras.drop_ending import drop_endings as drop_callbacks
from unstuck.patch.keras.spoken import speaks
from unstuck.patch.lightning.set_steps import set_steps as set_trainer
from unstuck.patch.lightning.set_steps import speaks as lightning
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files

Part = Splice | Demand

WRITERS: dict[type[Edit], Callable[[Files, Sequence[Any]], Sequence[Part]]] = {
    edits.MendRows: mend_rows,  # before statistics are taken of the rows
    edits.ClearGradients: clear_gradients,
    edits.MoveClear: move_clears,
    edits.AddStep: add_steps,
    edits.HoldParameters: hold_parameters,
    edits.HoistOptimizer: hoist_optimizers,
    edits.SetArgument: set_arguments,
    edits.DropSchedule: drop_schedules,
    edits.SetBatch: set_batches,
    edits.SetSteps: set_steps,
    edits.SetSeed: set_seeds,
    edits.ScaleInputs: scale_inputs,
    edits.AddWaves: add_waves,  # behind ScaleInputs, whose rows these are the waves of
    edits.InsertActivation: insert_activations,
    edits.ReplaceActivation: replace_activations,
    edits.MatchShapes: match_shapes,
    edits.ScaleTargets: scale_targets,  # behind MatchShapes, which shapes what this one scales
    edits.ClipTargets: clip_targets,
    edits.UseLogits: use_logits,
    edits.DropSquash: drop_squashes,
    edits.RenameCall: rename_calls,
    edits.FlipSign: flip_signs,
    edits.UnitTargets: unit_targets,
    edits.AsClasses: as_classes,
    edits.Resize: resizes,
    edits.DropActivation: drop_activations,
    edits.KeepDefaultInit: keep_default_inits,
    edits.DrawNormal: draw_normals,
    edits.RegisterLayers: register_layers,
    edits.GuardOperand: guard_operands,
    edits.KeepFractions: keep_fractions,
    edits.DrawWeights: draw_weights,
    edits.SetDropout: set_dropouts,
    edits.Unfreeze: unfreezes,
    edits.LetGradients: let_gradients,
    edits.DropEnding: drop_endings,
    edits.Shuffle: shuffles,
    edits.WeighClasses: weigh_classes,
    edits.StayInTraining: stay_in_training,
    edits.NormaliseRows: normalise_rows,
    edits.WrapEstimator: wrap_estimators,
}


def parts(files: Files, edits: Sequence[Edit]) -> list[Part]:
    """Return what all the edits ask for; each writer gets all edits of its kind."""
    found: list[Part] = []
    edits = settled(files, edits)
    writers = dict(WRITERS)
    if lightning(files):
        writers[SetSteps] = set_trainer
        writers[DropEnding] = drop_callbacks
    if speaks(files):
        writers |= in_keras.WRITERS
    for kind, writer in writers.items():
        found += writer(files, [edit for edit in edits if isinstance(edit, kind)])
    return found


def paths(edits: Sequence[Edit]) -> list[str]:
    """Return the files that the edits name."""
    found: dict[str, None] = {}
    for edit in edits:
        for field in dataclasses.fields(edit):
            value = getattr(edit, field.name)
            for where in value if isinstance(value, tuple) else (value,):
                if isinstance(where, Where):
                    found[where.file] = None
    return list(found)
