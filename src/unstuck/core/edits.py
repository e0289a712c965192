"""What is to be done to the user's source, as data: the intent and the lines.

How source text is rewritten belongs to `patch`.
"""

from __future__ import annotations

import dataclasses

from unstuck.core.recording import Where


@dataclasses.dataclass(frozen=True, slots=True)
class ClearGradients:
    """Clear the gradients before each backward pass; `step` is the line of the update."""

    backward: Where
    step: Where | None


@dataclasses.dataclass(frozen=True, slots=True)
class MoveClear:
    """Move the line that clears gradients (between backward and step) in front of backward."""

    clear: Where
    backward: Where


@dataclasses.dataclass(frozen=True, slots=True)
class AddStep:
    """Let the optimizer that is built on one line step after the backward pass on another.

    clear: and clear the gradients, which the loop does not at each pass.
    """

    optimizer: Where
    backward: Where
    clear: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class HoldParameters:
    """Hand the optimizer the parameters of the network that `forward` calls.

    called: the lines that run the layers which it lacks; every: whether it holds none of the network;
    thawed: they took no gradient so far, so that a filter by ``requires_grad`` passes them from now on.
    names: of all parameters of the network, for an optimizer that is given a list of them.
    """

    optimizer: Where
    forward: Where
    called: tuple[Where, ...]
    every: bool
    thawed: bool = False
    names: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class HoistOptimizer:
    """Build the optimizer once, in front of the loop around its update, instead of inside."""

    optimizer: Where
    step: Where


@dataclasses.dataclass(frozen=True, slots=True)
class SetArgument:
    """Give an argument of the call to `function` on this line another value.

    The argument is named `keyword`, or stands at `position`; a name or an expression that leads to a
    literal elsewhere in the user's source is followed to it. old: the value seen at run time.
    """

    call: Where
    function: str
    keyword: str
    position: int | None
    value: float | int | str
    old: float | int | str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class DropSchedule:
    """Take the schedule of the learning rate out of the loop around this update."""

    optimizer: Where
    step: Where


@dataclasses.dataclass(frozen=True, slots=True)
class SetBatch:
    """Cut the rows into batches of `value` instead of `old`, of `rows` in all, for this update."""

    step: Where
    value: int
    old: int
    rows: int


@dataclasses.dataclass(frozen=True, slots=True)
class SetSteps:
    """Make the loop around this line longer; `factor` is rounded up to 1, 2 or 5 times a power of 10."""

    step: Where
    factor: float


@dataclasses.dataclass(frozen=True, slots=True)
class ScaleInputs:
    """Standardise what the network is given at this line, by these statistics of the training rows."""

    forward: Where
    mean: tuple[float, ...]
    spread: tuple[float, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class ScaleTargets:
    """Standardise the target of the loss on this line, and turn predictions back where they are read.

    forward: where the training calls the network; mean, spread: statistics of the training rows, by
    column; logarithm: it is the targets' logarithm that is standardised, and that these belong to.
    """

    loss: Where
    forward: Where
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    logarithm: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class ClipTargets:
    """Draw the target of the loss on this line into a range; a bound is None where nothing lies beyond it."""

    loss: Where
    low: float | None
    high: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class KeepFractions:
    """Take out what turns numbers into whole ones on these lines: a cast, or a division with ``//``."""

    lines: tuple[Where, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class InsertActivation:
    """Put an activation behind each of these layers.

    built: lines where the layers are constructed; called: lines where they are called (the same
    order; the line of the container's call where a Sequential calls them); paths: module paths.
    """

    built: tuple[Where | None, ...]
    called: tuple[Where | None, ...]
    paths: tuple[str, ...]
    activation: str


@dataclasses.dataclass(frozen=True, slots=True)
class ReplaceActivation:
    """Use another activation at these lines (where it is built, or called as a function)."""

    lines: tuple[Where, ...]
    old: str
    new: str


@dataclasses.dataclass(frozen=True, slots=True)
class MatchShapes:
    """Give prediction and target of the loss on this line the same shape."""

    loss: Where
    prediction: tuple[int, ...]
    target: tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class UseLogits:
    """Drop the sigmoid at the network's end and let the loss take logits."""

    sigmoid: Where
    loss: Where
    loss_built: Where | None


@dataclasses.dataclass(frozen=True, slots=True)
class DropSquash:
    """Take out the last `function` (sigmoid, softmax) on a line: the loss applies it itself."""

    squash: Where
    function: str
    loss: Where


@dataclasses.dataclass(frozen=True, slots=True)
class RenameCall:
    """Call another function, or build another module, on the first of these lines that has an old name."""

    lines: tuple[Where, ...]
    names: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class FlipSign:
    """Take the minus out of the expression on this line, or give it one where it has none."""

    loss: Where


@dataclasses.dataclass(frozen=True, slots=True)
class UnitTargets:
    """Bring the targets of the loss on this line from low and high to 0 and 1."""

    loss: Where
    low: float
    high: float


@dataclasses.dataclass(frozen=True, slots=True)
class AsClasses:
    """Give the loss on this line its targets as whole class numbers, one a row."""

    loss: Where


@dataclasses.dataclass(frozen=True, slots=True)
class Resize:
    """Build the layer on this line with other sizes; (old, new) for inputs and for outputs."""

    built: Where
    function: str
    inputs: tuple[int, int]
    outputs: tuple[int, int]


@dataclasses.dataclass(frozen=True, slots=True)
class SetSeed:
    """Start from another random seed, set on this line."""

    seed: Where
    value: int


@dataclasses.dataclass(frozen=True, slots=True)
class DropActivation:
    """Take the last activation of this kind on this line out (where it is built, or called)."""

    activation: Where
    function: str


@dataclasses.dataclass(frozen=True, slots=True)
class KeepDefaultInit:
    """Take out the statements on these lines that give layers other starting values than torch does."""

    lines: tuple[Where, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class RegisterLayers:
    """Keep the layers of this attribute of a module where ``parameters()`` finds them.

    built: a line where one of the layers is constructed; attribute: the name of the list or dict.
    """

    built: Where
    attribute: str


@dataclasses.dataclass(frozen=True, slots=True)
class GuardOperand:
    """Keep the operand of an operation on this line away from where it has no value.

    function: ``log``, ``truediv`` and so on, or the call's name; how: ``add`` a tiny number to it, or
    keep it ``above`` or ``below`` this value; count: how many such operations the line ran.
    """

    line: Where
    function: str
    how: str
    value: float
    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class DrawWeights:
    """Draw the weights of every linear layer of the network that this optimizer holds anew.

    function: of torch.nn.init, such as ``xavier_uniform_``; options: its arguments behind the weight.
    """

    optimizer: Where
    function: str
    options: tuple[tuple[str, float | str], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class SetDropout:
    """Drop with probability `new` instead of `old` at these lines (where it is built, or called)."""

    lines: tuple[Where, ...]
    old: float
    new: float


@dataclasses.dataclass(frozen=True, slots=True)
class Unfreeze:
    """Take out what keeps weights from taking gradients on these lines."""

    lines: tuple[Where, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class LetGradients:
    """Take out what stops gradients on these lines: ``detach()`` and its like, or a ``no_grad`` block."""

    lines: tuple[Where, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class DropEnding:
    """Take out the test on one of these lines that ends the training loop before its count does."""

    lines: tuple[Where, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class MendRows:
    """Let the loss on one line, of the network that `forward` calls, see numbers only.

    fill: fill inputs in with the feature's ``median``, or with ``zero`` ("": do not); leave: leave out
    rows where these hold what is no number, ``inputs`` or ``targets``. dims: number of axes of each;
    endless: whether infinities are among the inputs.
    """

    forward: Where
    loss: Where
    fill: str
    leave: tuple[str, ...]
    dims: tuple[int, int]
    endless: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Shuffle:
    """Let the loader that is begun anew on this line, for each batch, draw another one each time."""

    batch: Where


@dataclasses.dataclass(frozen=True, slots=True)
class WeighClasses:
    """Give the loss on the first of these lines that builds or calls one the weights of classes."""

    lines: tuple[Where, ...]
    weights: tuple[float, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class StayInTraining:
    """Put the network into training mode where the source puts it into evaluation mode.

    backward: the line of the training's backward pass; evaluations behind it are another matter.
    """

    backward: Where


@dataclasses.dataclass(frozen=True, slots=True)
class NormaliseRows:
    """Build layers that normalise each row by itself where these lines build ones that use the batch.

    flat: for each line, whether its layer is given one number a feature and row, and no image or sequence.
    """

    built: tuple[Where, ...]
    flat: tuple[bool, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class AddWaves:
    """Give the network at this line sin and cos of ``x @ waves`` beside its rows x.

    waves: (inputs, waves) radians over one unit of each input; scaled: the rows are standardised first,
    and the waves are those of what comes of it.
    """

    forward: Where
    waves: tuple[tuple[float, ...], ...]
    scaled: bool = False


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
    | AsClasses
    | Resize
    | SetSeed
    | DropActivation
    | KeepDefaultInit
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
)
