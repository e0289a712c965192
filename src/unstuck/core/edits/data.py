"""Edits of the rows: inputs and targets, and how they are handed out."""

from __future__ import annotations

import dataclasses

from unstuck.core.recording import Where


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
class AddWaves:
    """Give the network at this line sin and cos of ``x @ waves`` beside its rows x.

    waves: (inputs, waves) radians over one unit of each input; scaled: the rows are standardised first,
    and the waves are those of what comes of it.
    """

    forward: Where
    waves: tuple[tuple[float, ...], ...]
    scaled: bool = False
