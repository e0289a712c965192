"""Where a number stands in a picture, linear or logarithmic, and the round numbers beside it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from unstuck.report.numbers import number

ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
LARGEST = 1e300  # and its inverse: numbers that an axis can have
DENSE = 1.5  # decades below which a logarithmic axis has ticks between its powers of ten


@dataclasses.dataclass(frozen=True, slots=True)
class Scale:
    """Numbers from low to high on pixels from start to end; what lies beyond stands at the edge.

    whole: the numbers are counts, so that only whole ones are written.
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False
    whole: bool = False

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        if math.isnan(value):
            return self.end
        share = _between(self._place(value), self._place(self.low), self._place(self.high))
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def _place(self, value: float) -> float:
        if not self.logarithmic:
            return value
        return math.log(value) if value > 0 else -math.inf

    def holds(self, value: float) -> bool:
        """Whether a value lies within the scale."""
        slack = 1e-9 * max(abs(self.low), abs(self.high))
        return self.low - slack <= value <= self.high + slack

    def ticks(self, count: int = 5) -> tuple[float, ...]:
        """Return about so many round numbers within the scale."""
        found = _powers(self, count) if self.logarithmic else _steps(self.low, self.high, count)
        return tuple(tick for tick in found if tick == round(tick)) if self.whole else found


def _between(value: float, low: float, high: float) -> float:
    if math.isinf(value):
        return 1.0 if value > 0 else 0.0
    span = high / 2 - low / 2  # halves: large numbers do not overflow
    return (value / 2 - low / 2) / span if span > 0 else 0.5


def _steps(low: float, high: float, count: int) -> tuple[float, ...]:
    span = (high / 2 - low / 2) / max(count, 1)
    rough = 2 * span
    if not 1 / LARGEST < rough < LARGEST:
        return (low,)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in ROUND if size * factor >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return tuple(round(index * step, digits + 2) + 0.0 for index in range(first, last + 1))


def _powers(scale: Scale, count: int) -> tuple[float, ...]:
    low, high = math.log10(scale.low), math.log10(scale.high)
    factors = (1.0, 2.0, 5.0) if high - low < DENSE else (1.0,)
    every = max(1, math.ceil((high - low) / count))
    found = [
        10.0**power * factor
        for power in range(math.floor(low), math.ceil(high) + 1)
        if power % every == 0 or len(factors) > 1
        for factor in factors
    ]
    return tuple(tick for tick in found if scale.holds(tick))


def bounded(value: float) -> float:
    """Return a value, or infinity where it is so large that arithmetic on an axis would overflow."""
    return math.copysign(math.inf, value) if abs(value) > LARGEST else value


def spanning(values: Iterable[float], *, margin: float = 0.04) -> tuple[float, float]:
    """Return a range that holds the finite ones of these values, a little wider; (0, 1) where there are none."""
    finite = [value for value in values if math.isfinite(bounded(value))]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    room = (high / 2 - low / 2) * 2 * margin or max(abs(high), 1.0) * 0.5
    return low - room, high + room


def tick_label(value: float, largest: float | None = None) -> str:
    """Return a tick as text: ``12k`` and ``3M`` where zeros would crowd.

    largest: of the axis, so that all its ticks are written alike (``5k`` beside ``10k``).
    """
    size, most = abs(value), max(abs(value), largest or 0.0)
    if 1e6 <= size < 1e9 and value % 1e4 == 0:
        return f"{number(value / 1e6)}M"
    if 1e3 <= size < 1e6 and most >= 1e4 and value % 100 == 0:
        return f"{number(value / 1e3)}k"
    return number(value).replace("-", "−", 1) if value < 0 else number(value)
