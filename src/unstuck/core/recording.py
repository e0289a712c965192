"""What was seen of one run: the records that every rule, trial and report reads.

Here belongs what a recorder can know and nothing that is concluded from it.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from unstuck.core.setup import Json, Setup, Tensor

SCHEMA = 1
"""Version of the saved form of a recording; raised when an old reader would misread a new file."""

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

Ended = Literal["finished", "raised", "exited", "killed", "interrupted", "stopped"]

ROLES = (
    "forward",  # where the user's code calls the network
    "loss",  # where the loss is computed
    "loss_built",  # where the loss module is constructed
    "backward",  # where gradients are asked for
    "clear",  # where gradients are cleared
    "step",  # where the parameters are updated
    "eval",  # where the network was put into evaluation mode, after training had begun
    "optimizer",  # where the optimizer is constructed
    "seed",  # where the script sets its random seed
    "clip",  # where gradients are clipped
    "input_cast",  # where inputs became whole numbers
    "target_cast",  # where targets became whole numbers
    "batch",  # where a loader is begun anew for each batch, of which it gives its first
)
"""The roles that a line of the user's source can play in `Recording.lines`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Where:
    """A line of the user's source."""

    file: str
    line: int

    def __str__(self) -> str:
        """Return ``file:line``, as compilers print it."""
        return f"{self.file}:{self.line}"


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """One thing that the loop did, in order; only the steps that were watched closely are kept."""

    what: Literal["forward", "loss", "backward", "clear", "step", "train", "eval"]
    step: int
    where: Where | None
    detail: str = ""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two tensors that the script compared for equality, as an accuracy does, on this line.

    step: updates made before; shapes: of both, of which `left` and `right` hold the first rows;
    inputs: what may be the network's inputs on these rows, each (n, …), found in the script's variables;
    outputs: what may be its outputs on them, likewise.
    """

    where: Where
    step: int
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    left: Tensor
    right: Tensor
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Rows (n, …) that the script showed its network without gradients, calling it on this line.

    step: updates made before; count: rows there were, of which `rows` holds the first.
    """

    where: Where
    step: int
    count: int
    rows: Tensor


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """A place in the network (a layer, a feature of the inputs, a rung) that a quantity belongs to."""

    path: str
    kind: str
    shape_in: tuple[int, ...] = ()
    shape_out: tuple[int, ...] = ()
    parameters: int = 0
    trainable: bool = True
    where: Where | None = None


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One quantity over steps and sites.

    steps: (n,) ascending step numbers; sites: m paths; values: (n, m), NaN where not measured.
    """

    quantity: str
    steps: tuple[int, ...]
    sites: tuple[str, ...]
    values: Array

    def __post_init__(self) -> None:
        """Refuse a table whose axes do not fit its values."""
        if self.values.shape != (len(self.steps), len(self.sites)):
            raise ValueError(
                f"table {self.quantity!r}: values {self.values.shape} do not fit "
                f"{len(self.steps)} steps x {len(self.sites)} sites"
            )

    def column(self, site: str) -> Array:
        """Return the values (n,) of one site."""
        return np.asarray(self.values[:, self.sites.index(site)])

    def at(self, site: str, index: int = -1) -> float:
        """Return one value: of this site, at this position along the steps (the last by default)."""
        return float(self.values[index, self.sites.index(site)])


@dataclasses.dataclass(frozen=True, slots=True)
class Recording:
    """Everything known of one training run; diagnosis is a function of it and of nothing else.

    gaps: quantity, seam or rule -> why it is missing, or cannot be asked. lines: role (see `ROLES`) -> line of the source.
    losses: one value a step, thinned evenly over a long run; `loss_steps` holds their step numbers.
    comparisons, evaluations: the last ones of each line. estimator: of a fit by scikit-learn, the class (``kind``), ``how`` it was
    trained, what ``stopped`` it, its ``passes`` over the rows, the arguments of its constructor, which of them were set
    ``otherwise``, as a search does, and which may be given by ``places``.
    """

    schema: int
    framework: str
    versions: dict[str, str]
    script: str
    argv: tuple[str, ...]
    ended: Ended
    calls: tuple[Call, ...]
    sites: tuple[Site, ...]
    tables: dict[str, Table]
    setup: Setup | None
    lines: dict[str, Where]
    gaps: dict[str, str]
    cost: dict[str, float]
    trainings: int = 1
    comparisons: tuple[Comparison, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    estimator: dict[str, Json] = dataclasses.field(default_factory=dict)

    def with_tables(self, *tables: Table) -> Recording:
        """Return this recording with more tables, which replace those of the same quantity."""
        merged = {**self.tables, **{table.quantity: table for table in tables}}
        return dataclasses.replace(self, tables=merged)

    def with_gaps(self, gaps: dict[str, str]) -> Recording:
        """Return this recording with more gaps."""
        return dataclasses.replace(self, gaps={**self.gaps, **gaps})
