"""A training procedure as a value, in which bugs are fields.

A Setup holds the operations from inputs to loss as they were traced, the starting weights and how to
draw them again, the data, the plan of batches, the optimizer's settings and the habits of the loop.
It is plain data: it can be saved without pickle, changed without a framework and compiled by `trial`.

Values in `Op.args` and `Op.kwargs` are JSON: a number, string, bool or null stands for itself, and
``{"slot": 3}`` for a tensor, ``{"list": [...]}``, ``{"tuple": [...]}``, ``{"slice": [a, b, c]}``,
``{"dtype": "float32"}``, ``{"device": "cpu"}``, ``{"float": "inf"}``, ``{"ellipsis": true}`` and
``{"rows": true}``, the number of rows in the batch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

Json = Any
Tensor = np.ndarray[Any, np.dtype[Any]]
Line = tuple[str, int]


@dataclasses.dataclass(frozen=True, slots=True)
class Op:
    """One traced operation: a public torch function by name, its arguments, the slots that it fills.

    name: as torch resolves it, such as ``torch.nn.functional.linear``; module: dotted path of the
    innermost module that ran it ("" outside every module); file, line: the user's line that led to it.
    """

    name: str
    args: tuple[Json, ...]
    kwargs: dict[str, Json]
    outs: tuple[int, ...]
    module: str = ""
    file: str = ""
    line: int = 0

    @property
    def short(self) -> str:
        """The last part of the name: ``linear``."""
        return self.name.removesuffix(".__get__").rsplit(".", 1)[-1]

    def slots(self) -> tuple[int, ...]:
        """Return the slots read, in order of appearance."""
        return tuple(_slots([*self.args, *self.kwargs.values()]))


def _slots(value: Json) -> Iterator[int]:
    if isinstance(value, dict):
        if "slot" in value:
            yield value["slot"]
        for inner in value.values():
            yield from _slots(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _slots(inner)


@dataclasses.dataclass(frozen=True, slots=True)
class Draw:
    """One move in drawing a starting value: a fill, or arithmetic on what is there so far.

    ``uniform (low, high)``, ``normal (mean, sd)``, ``constant (value,)``, ``scale (factor,)``,
    ``shift (term,)``; ``fan_uniform (gain,)`` is uniform within gain/sqrt(fan_in), ``fan_normal``
    likewise with that standard deviation, ``xavier_uniform (gain,)`` and ``xavier_normal (gain,)``
    use fan_in + fan_out; ``orthogonal (gain,)``; ``keep ()`` takes the recorded value as it is.
    """

    how: str
    numbers: tuple[float, ...] = ()
    fan: int = 0


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A trainable tensor: its slot in the program, its starting value, and how to draw that again.

    group: index into `Optimizer.groups`, or -1 where no optimizer holds it. made: the user's line that
    made the tensor, as (file, line); filled: the lines that gave it other starting values later on.
    hidden: the list or dict of a module, such as ``layers``, in which `parameters()` does not find it.
    usual: how its layer draws it if the script says nothing, where that is not as torch's layers do.
    frozen: whether it takes no gradient (``requires_grad`` is off), and so is never updated; froze: the
    lines that made it so.
    """

    slot: int
    name: str
    start: Tensor
    draws: tuple[Draw, ...]
    end: Tensor | None = None
    group: int = 0
    made: Line | None = None
    filled: tuple[Line, ...] = ()
    hidden: str = ""
    frozen: bool = False
    froze: tuple[Line, ...] = ()
    usual: tuple[Draw, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Program:
    """The operations from inputs to loss, in the order in which they ran.

    inputs, targets: slots whose leading axis runs over rows; constants: slots with fixed values.
    An operation ``detach`` stops the gradient: the script did so, or had gradients switched off up to there.
    prediction: the last slot that the targets do not enter; loss: the scalar that was differentiated;
    judged: the scalar that goals are compared with, where a what-if trains by another loss or towards
    other targets than the script (None: the loss itself).
    """

    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    constants: dict[int, Tensor]
    prediction: int
    loss: int
    judged: int | None = None

    @property
    def score(self) -> int:
        """The slot that goals are compared with."""
        return self.loss if self.judged is None else self.judged

    @property
    def next_slot(self) -> int:
        """A slot number that is not in use yet."""
        used = [slot for op in self.ops for slot in (*op.outs, *op.slots())]
        return max([*used, *self.inputs, *self.targets, *self.constants], default=-1) + 1


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Data:
    """The rows: slot -> array (n, …) for every input and target slot of the program.

    complete: whether these are all the rows that the script trained on, or a sample of them.
    originals: slot -> what its rows were before they became whole numbers, where that was seen.
    unseen: slot -> all rows that a loader held, where it was begun anew for each batch, so that every step
    saw its first batch again, which `rows` are.
    """

    rows: dict[int, Tensor]
    complete: bool = True
    originals: dict[int, Tensor] = dataclasses.field(default_factory=dict)
    unseen: dict[int, Tensor] = dataclasses.field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of rows n."""
        return min((len(rows) for rows in self.rows.values()), default=0)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Which rows each step sees.

    order: ``full`` the same rows at every step; ``epochs`` a new permutation a pass;
    ``sequence`` the same order in every pass; ``fresh`` rows drawn anew at each step.
    first: row numbers of the first recorded steps, to repeat them exactly.
    """

    order: Literal["full", "epochs", "sequence", "fresh"]
    batch: int
    steps: int
    first: tuple[Tensor, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Optimizer:
    """An update rule: SGD, Adam, AdamW, RMSprop, Adagrad or another; settings by parameter group.

    by_hand: the script updates its parameters itself, as SGD would.
    schedule: factors on the learning rate, as (step, factor) where it changes.
    """

    kind: str
    groups: tuple[dict[str, Json], ...]
    by_hand: bool = False
    schedule: tuple[tuple[int, float], ...] = ()

    @property
    def rate(self) -> float:
        """Learning rate of the first group; NaN if it has none."""
        return float(self.groups[0].get("lr", float("nan"))) if self.groups else float("nan")


@dataclasses.dataclass(frozen=True, slots=True)
class Patience:
    """A training that ends by itself: after more than `passes` passes in a row over the rows of which none lowered
    the mean loss (with the penalty on the weights) by more than `tol` below the lowest so far.

    per: updates a pass; made: updates after which the recorded run ended, of the `Plan.steps` that it might have made;
    heard: the slot of the loss that is watched, None for the one that is trained by.
    """

    passes: int
    tol: float
    per: int
    made: int
    heard: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Loop:
    """Habits of the training loop; a bug is a value here.

    clears: ``before`` backward or after the step (right), ``between`` backward and step, ``never``;
    ``later``: after several passes, in a loop that makes no updates.
    steps: whether updates follow the backward passes at all.
    backwards: backward passes an update; recreated: the optimizer is built anew after every
    `recreated_every` updates. clip_norm: the norm that gradients are clipped to, all together;
    clip_value: the size that each of their numbers is clipped to; clip_each: the norm that the gradient of
    each parameter is clipped to by itself. zeros: what was cleared is a
    gradient of zeros, which an optimizer with momentum or weight decay still moves by, and not none.
    evaluates: the step by which a network that began in training mode was in evaluation mode, and stayed
    there: from then on nothing is dropped, and what was normalised over the batch is normalised by the
    statistics that had been gathered, which the program's constants hold (0: it was not put there).
    patience: when it ends by itself, None where it makes the updates that are planned.
    """

    clears: Literal["before", "between", "never", "later"] = "before"
    backwards: int = 1
    steps: bool = True
    recreated: bool = False
    clip_norm: float | None = None
    recreated_every: int = 1
    clip_value: float | None = None
    zeros: bool = False
    evaluates: int = 0
    patience: Patience | None = None
    clip_each: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Setup:
    """A training procedure: run it to get a trained network, change it to ask what if."""

    program: Program
    parameters: tuple[Parameter, ...]
    data: Data
    plan: Plan
    optimizer: Optimizer
    loop: Loop
    start: Literal["draw", "recorded"] = "draw"

    @property
    def made(self) -> int:
        """Number of updates that the recorded run made."""
        return self.plan.steps if self.loop.patience is None else self.loop.patience.made

    @property
    def size(self) -> int:
        """Number of trainable numbers."""
        return sum(int(parameter.start.size) for parameter in self.parameters)
