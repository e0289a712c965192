"""What a study found: for each cell the share of starts that learned, with its exact interval."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

Value = Any


@dataclasses.dataclass(frozen=True, slots=True)
class Share:
    """One cell. settings: (name, value) of whatever was varied; learned, of: networks; low, high: the 95 %
    interval of the share (Clopper and Pearson); steps: the median of updates until the goal among those that
    learned, None where none did; loss: the median of the final losses; goal: the loss that counts as learned.
    """

    settings: tuple[tuple[str, Value], ...]
    learned: int
    of: int
    low: float
    high: float
    steps: float | None
    loss: float
    goal: float

    @property
    def share(self) -> float:
        """Share of the starts that learned; NaN where none was tried."""
        return self.learned / self.of if self.of else math.nan

    def value(self, name: str) -> Value:
        """Return what a setting was in this cell; None where it was not set."""
        return dict(self.settings).get(name)


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A study's cells in order. axes: what was varied, each axis as the settings that it sets together;
    missing: chunks that were not run yet; command: how the study is run; networks; steps: updates of them
    all together; seconds: of processor time.
    """

    name: str
    title: str
    about: str
    axes: tuple[tuple[str, ...], ...]
    shares: tuple[Share, ...]
    missing: int
    command: str
    networks: int
    steps: int
    seconds: float

    @property
    def names(self) -> tuple[str, ...]:
        """Every setting that was varied."""
        return tuple(name for axis in self.axes for name in axis)
