"""Edits of the network: its layers, activations and starting values."""

from __future__ import annotations

import dataclasses

from unstuck.core.recording import Where


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
class DropSquash:
    """Take out the last `function` (sigmoid, softmax) on a line: the loss applies it itself."""

    squash: Where
    function: str
    loss: Where


@dataclasses.dataclass(frozen=True, slots=True)
class Resize:
    """Build the layer on this line with other sizes; (old, new) for inputs and for outputs."""

    built: Where
    function: str
    inputs: tuple[int, int]
    outputs: tuple[int, int]


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
class DrawNormal:
    """Draw the weights that this line makes by hand from normal distributions of these spreads.

    spreads: in the order in which the line makes its weights; by_first_size: whether each is
    1/sqrt(the weight's first size).
    """

    line: Where
    spreads: tuple[float, ...]
    by_first_size: bool


@dataclasses.dataclass(frozen=True, slots=True)
class RegisterLayers:
    """Keep the layers of this attribute of a module where ``parameters()`` finds them.

    built: a line where one of the layers is constructed; attribute: the name of the list or dict.
    """

    built: Where
    attribute: str


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
class NormaliseRows:
    """Build layers that normalise each row by itself where these lines build ones that use the batch.

    flat: for each line, whether its layer is given one number a feature and row, and no image or sequence.
    """

    built: tuple[Where, ...]
    flat: tuple[bool, ...]
