"""What pictures need beyond a diagnosis, thinned and binned: computed by `probe`, drawn by `report`."""

from __future__ import annotations

import dataclasses


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
class Pictures:
    """Everything that was measured for pictures.

    left_out: title of a picture -> why it could not be drawn. rows: head and rows of the user's data, only
    where they were asked for.
    """

    ahead: Ahead | None = None
    left_out: dict[str, str] = dataclasses.field(default_factory=dict)
    rows: tuple[tuple[str, ...], ...] = ()
