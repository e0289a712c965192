"""What is to be done to the user's source, as data: the intent and the lines.

How source text is rewritten belongs to `patch`.
"""

from unstuck.core.edits.data import (
    AddWaves,
    AsClasses,
    ClipTargets,
    KeepFractions,
    MendRows,
    ScaleInputs,
    ScaleTargets,
    Shuffle,
    UnitTargets,
)
from unstuck.core.edits.loss import (
    FlipSign,
    GuardOperand,
    LetGradients,
    MatchShapes,
    RenameCall,
    TakeLogits,
    TakeShares,
    UseLogits,
    WeighClasses,
)
from unstuck.core.edits.network import (
    DrawNormal,
    DrawWeights,
    DropActivation,
    DropSquash,
    InsertActivation,
    KeepDefaultInit,
    NormaliseRows,
    RegisterLayers,
    ReplaceActivation,
    Resize,
    SetDropout,
    Unfreeze,
)
from unstuck.core.edits.training import (
    AddStep,
    ClearGradients,
    DropEnding,
    DropSchedule,
    HoistOptimizer,
    HoldParameters,
    MoveClear,
    SetArgument,
    SetBatch,
    SetSeed,
    SetSteps,
    StayInTraining,
    WrapEstimator,
)

Edit = (
    ClearGradients
    | MoveClear
    | AddStep
    | HoldParameters
    | HoistOptimizer
    | SetArgument
    | DropSchedule
    | SetBatch
    | SetSteps
    | ScaleInputs
    | ScaleTargets
    | ClipTargets
    | InsertActivation
    | ReplaceActivation
    | MatchShapes
    | UseLogits
    | DropSquash
    | RenameCall
    | FlipSign
    | UnitTargets
    | TakeShares
    | TakeLogits
    | AsClasses
    | Resize
    | SetSeed
    | DropActivation
    | KeepDefaultInit
    | DrawNormal
    | RegisterLayers
    | GuardOperand
    | KeepFractions
    | DrawWeights
    | SetDropout
    | Unfreeze
    | LetGradients
    | DropEnding
    | MendRows
    | Shuffle
    | WeighClasses
    | StayInTraining
    | NormaliseRows
    | AddWaves
    | WrapEstimator
)

__all__ = [
    "AddStep",
    "AddWaves",
    "AsClasses",
    "ClearGradients",
    "ClipTargets",
    "DrawNormal",
    "DrawWeights",
    "DropActivation",
    "DropEnding",
    "DropSchedule",
    "DropSquash",
    "Edit",
    "FlipSign",
    "GuardOperand",
    "HoistOptimizer",
    "HoldParameters",
    "InsertActivation",
    "KeepDefaultInit",
    "KeepFractions",
    "LetGradients",
    "MatchShapes",
    "MendRows",
    "MoveClear",
    "NormaliseRows",
    "RegisterLayers",
    "RenameCall",
    "ReplaceActivation",
    "Resize",
    "ScaleInputs",
    "ScaleTargets",
    "SetArgument",
    "SetBatch",
    "SetDropout",
    "SetSeed",
    "SetSteps",
    "Shuffle",
    "StayInTraining",
    "TakeLogits",
    "TakeShares",
    "Unfreeze",
    "UnitTargets",
    "UseLogits",
    "WeighClasses",
    "WrapEstimator",
]
