"""The axes of a study, and the cells that a search takes from them: all, or some drawn at random."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any, Literal

import numpy as np

from unstuck.lab.mistaken import Mistaken
from unstuck.lab.study.settings import Settings, Value

RANGE = ("from", "to", "count", "log")
MOST = 2_000_000  # cells of a study; beyond it the list of cells alone fills a laptop


@dataclasses.dataclass(frozen=True, slots=True)
class Axis:
    """One setting, or a table of several, that is varied: by values, or between two ends.

    values: None where a range has no count, so that only a search at random can take from it.
    """

    name: str
    values: tuple[Value, ...] | None
    low: float = math.nan
    high: float = math.nan
    log: bool = False

    @property
    def example(self) -> str:
        """How a range is written."""
        return "{from = 0.001, to = 1, count = 9, log = true}"

    def settings(self, value: Value) -> Settings:
        """Return the settings that a value stands for: a table sets several of the same group."""
        if isinstance(value, dict):
            return {f"{self.name}.{key}": one for key, one in value.items()}
        return {self.name: value}

    @property
    def names(self) -> tuple[str, ...]:
        """Every setting that some value of this axis sets."""
        return tuple(dict.fromkeys(key for value in self.ends() for key in self.settings(value)))

    def ends(self) -> tuple[Value, ...]:
        """Return the values that have to be possible."""
        return self.values if self.values is not None else (self.low, self.high)

    def drawn(self, draw: np.random.Generator) -> Value:
        """Return one value at random."""
        if self.values is not None and math.isnan(self.low):
            return self.values[int(draw.integers(len(self.values)))]
        return _between(self.low, self.high, float(draw.random()), self.log)


def axis(name: str, given: Any) -> Axis:
    """Return the axis that is written as a list of values or as a range; raises Mistaken."""
    if isinstance(given, list):
        if not given:
            raise Mistaken(f"the axis {name} has no values: the grid would be empty")
        if any(given.index(one) != at for at, one in enumerate(given)):
            raise Mistaken(f"the axis {name} has a value twice")
        return Axis(name, tuple(given))
    if not isinstance(given, dict):
        raise Mistaken(f"the axis {name} is a list of values or a range, not {given!r}")
    return _range(name, given)


def _range(name: str, given: dict[str, Any]) -> Axis:
    for key in given:
        if key not in RANGE:
            raise Mistaken(f"a range has {', '.join(RANGE)}, and no {key!r}")
    low, high, log = given.get("from"), given.get("to"), given.get("log", False)
    for end in (low, high):
        if isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end):
            raise Mistaken(f"the range of {name} needs two numbers, from and to")
    assert low is not None and high is not None
    if not low < high:
        raise Mistaken(f"the range of {name} goes from {low} to {high}: it holds nothing")
    if log and low <= 0:
        raise Mistaken(f"a logarithmic range begins above 0, and that of {name} at {low}")
    count = given.get("count")
    if count is None:
        return Axis(name, None, low, high, bool(log))
    if isinstance(count, bool) or not isinstance(count, int) or count < 2:
        raise Mistaken(f"the range of {name} has {count!r} values; it needs a count of at least 2")
    whole = isinstance(low, int) and isinstance(high, int) and not log
    values = [_between(low, high, at / (count - 1), log) for at in range(count)]
    if whole and all(value == round(value) for value in values):
        values = [round(value) for value in values]
    return Axis(name, tuple(values), low, high, bool(log))


def _between(low: float, high: float, share: float, log: bool) -> float:
    """Return the number at a share of the way, with six digits, as a person would write it."""
    exact = low * (high / low) ** share if log else low + share * (high - low)
    return float(f"{exact:.6g}")


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """Which cells there are, and how they go on. cells: how many are drawn (None: the whole grid);
    keep: the share of the cells that each round of a halving takes further.
    """

    kind: Literal["grid", "random", "halving"] = "grid"
    cells: int | None = None
    seed: int = 0
    keep: float = 0.5

    def points(self, axes: tuple[Axis, ...]) -> list[Settings]:
        """Return the settings of each cell that the axes give; one cell where nothing is varied."""
        if self.cells is not None:
            return self._drawn(axes)
        size = math.prod(len(one.values or ()) for one in axes)
        if size > MOST:
            raise Mistaken(
                f"the grid has {size:,} cells; at most {MOST:,} can be held in one study"
            )
        lists = [[one.settings(value) for value in one.values or ()] for one in axes]
        return [_joined(point) for point in itertools.product(*lists)]

    def _drawn(self, axes: tuple[Axis, ...]) -> list[Settings]:
        draw = np.random.default_rng([self.seed, 7])
        found: list[Settings] = []
        for _ in range(20 * (self.cells or 0)):  # the same cell twice would tell nothing new
            point = _joined([one.settings(one.drawn(draw)) for one in axes])
            if point not in found:
                found.append(point)
            if len(found) == self.cells:
                break
        return found


def _joined(parts: Any) -> Settings:
    made: Settings = {}
    for part in parts:
        made.update(part)
    return made
