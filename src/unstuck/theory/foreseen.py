"""What a forecast from theory says: steps to a loss as a range, the curve to come, where it rests.

How the numbers are found belongs to `tangent` (kernel held fixed) and `timelapse` (kernel renewed).
"""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from unstuck.core.recording import Array

How = Literal["frozen tangent kernel", "time-lapse tangent kernel"]
NEVER = math.inf


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Foreseen:
    """Steps of full-batch gradient descent until a loss is met, and the curve up to there.

    low, median, high: steps from the weights that the forecast started at; infinite where the loss is
    never met, NaN where the forecast ended before it was. plateau: the loss that the curve comes to
    rest on, above the one asked for; None where it does not. how: what the forecast rests on. steps,
    losses: (m,) the curve foreseen, thinned. why: what the range means, or why there is none.
    """

    low: float
    median: float
    high: float
    plateau: float | None
    how: How
    steps: Array
    losses: Array
    why: str

    @property
    def known(self) -> bool:
        """Whether the forecast says something about when the loss is met, be it never."""
        return not math.isnan(self.median)
