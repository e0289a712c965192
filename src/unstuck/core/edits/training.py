"""Edits of the training loop and its optimizer."""

from __future__ import annotations

import dataclasses

from unstuck.core.recording import Where


@dataclasses.dataclass(frozen=True, slots=True)
class ClearGradients:
    """Clear the gradients before each backward pass; `step` is the line of the update.

    optimizer: where it is built, for a loop that makes no update yet.
    """

    backward: Where
    step: Where | None
    optimizer: Where | None = None


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
    value: float | int | str | tuple[int, ...]
    old: float | int | str | tuple[int, ...] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class WrapEstimator:
    """Put scikit-learn's scalers around the estimator that the call to `function` on this line constructs.

    inputs: standardise what it is fitted on; targets: standardise those, and turn its predictions back.
    """

    call: Where
    function: str
    inputs: bool = False
    targets: bool = False


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
class SetSeed:
    """Start from another random seed, set on this line."""

    seed: Where
    value: int


@dataclasses.dataclass(frozen=True, slots=True)
class DropEnding:
    """Take out the test on one of these lines that ends the training loop before its count does."""

    lines: tuple[Where, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class StayInTraining:
    """Put the network into training mode where the source puts it into evaluation mode.

    backward: the line of the training's backward pass; evaluations behind it are another matter.
    """

    backward: Where
