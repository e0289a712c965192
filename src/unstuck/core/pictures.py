"""What pictures need beyond a diagnosis, thinned and binned: computed by `probe`, drawn by `report`.

No record here holds a row of the user's data, but for `Pictures.rows`, which is filled where it was asked
for. NaN stands for what has no value, such as the mean of an empty bin.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

Numbers = tuple[float, ...]
Grid = tuple[Numbers, ...]

Kind = Literal["number", "yes-no", "classes"]
"""What is predicted: a number, the probability of a yes, or one of several classes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ahead:
    """What is foreseen of a run: further steps to the goal, and the curve up to there.

    low, median, high: steps from the end of the run, infinite where the goal is never met. plateau: the
    loss at which it comes to rest above the goal, None where it does not. how: what that rests on; curve:
    (steps from the end, loss), empty where only the range is known.
    """

    low: float
    median: float
    high: float
    how: str
    plateau: float | None = None
    curve: tuple[tuple[float, float], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Histogram:
    """Counts (m) between edges (m + 1); beyond: how many values lie outside of them, or are no number."""

    name: str
    edges: Numbers
    counts: tuple[int, ...]
    beyond: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Cells:
    """Counts in two dimensions: `counts[j][i]` between x_edges[i], [i + 1] and y_edges[j], [j + 1]."""

    x_edges: Numbers
    y_edges: Numbers
    counts: tuple[tuple[int, ...], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Against:
    """What the network answers against what it was to answer; which of these there are depends on the kind.

    cells: numbers, target by answer; parted: probabilities, one histogram for the rows that are a no and one
    for those that are a yes; confusion: classes, `confusion[target][answer]` rows. output: which of several
    outputs it is, "" where there is one.
    """

    kind: Kind
    output: str = ""
    cells: Cells | None = None
    parted: tuple[Histogram, Histogram] | None = None
    confusion: tuple[tuple[int, ...], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Along:
    """Targets and answers over the only input.

    edges (m + 1) of bins; mean, low, high (m): mean and quartiles of the targets in each (no quartiles of
    targets that are one of two numbers); counts (m). at (g):
    a grid over the inputs; answer (g): of the trained network; before (g): of the untrained one.
    """

    kind: Kind
    edges: Numbers
    mean: Numbers
    low: Numbers
    high: Numbers
    counts: tuple[int, ...]
    at: Numbers
    answer: Numbers
    before: Numbers


@dataclasses.dataclass(frozen=True, slots=True)
class Residuals:
    """What the network's answers miss (answer - target), beside what the mean misses, in the same bins."""

    network: Histogram
    mean: Histogram
    output: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Bends:
    """Where the units of the first hidden layer bend over the only input: at -b/w.

    data: histogram of the inputs; before, after: of the bends of the untrained and trained network, in the
    same bins; `beyond` counts those outside of the data.
    """

    layer: str
    data: Histogram
    before: Histogram
    after: Histogram


@dataclasses.dataclass(frozen=True, slots=True)
class Units:
    """Shares of a hidden layer's units at one end of the run.

    off: output zero on every row; flat: saturated on every row; bending: switch or change sign within the
    data; rest: none of these, so the unit is as good as linear.
    """

    layer: str
    count: int
    when: Literal["start", "end"]
    off: float
    flat: float
    bending: float
    rest: float


@dataclasses.dataclass(frozen=True, slots=True)
class Flow:
    """A layer's share in learning: norm of the loss's gradient before and after training, and how far its
    weights moved, in their own norm. NaN where that is not known.
    """

    layer: str
    gradient_start: float
    gradient_end: float
    moved: float


@dataclasses.dataclass(frozen=True, slots=True)
class Surface:
    """What the trained network answers over two inputs, and what it was to answer.

    x, y: edges of a grid; answer[j][i]: in its cell (class number, probability or number). rows: counts of
    rows in a coarser grid, and target[j][i]: their mean target (for classes: the commonest).
    """

    kind: Kind
    x: Numbers
    y: Numbers
    answer: Grid
    rows: Cells
    target: Grid


@dataclasses.dataclass(frozen=True, slots=True)
class Embedding:
    """Inputs laid out so that alike ones are near each other (t-SNE), coloured by target.

    points (n, 2); target (n): class number, 0 or 1, or a number.
    """

    kind: Kind
    points: tuple[tuple[float, float], ...]
    target: Numbers
    of: int


@dataclasses.dataclass(frozen=True, slots=True)
class Pictures:
    """Everything that was measured for pictures; None or empty where it was not.

    total, measured: rows of the data, and those that were looked at. gradient: (step, norm of the whole
    gradient) as recorded. left_out: what cannot be drawn -> why. rows: head and rows of the user's data, only
    where they were asked for.
    """

    total: int = 0
    measured: int = 0
    ahead: Ahead | None = None
    along: Along | None = None
    against: Against | None = None
    residuals: Residuals | None = None
    targets: tuple[Histogram, ...] = ()
    inputs: tuple[Histogram, ...] = ()
    more_inputs: int = 0
    bends: Bends | None = None
    units: tuple[Units, ...] = ()
    flows: tuple[Flow, ...] = ()
    gradient: tuple[tuple[int, float], ...] = ()
    surface: Surface | None = None
    embedding: Embedding | None = None
    left_out: dict[str, str] = dataclasses.field(default_factory=dict)
    rows: tuple[tuple[str, ...], ...] = ()
