"""How many more steps a loss curve needs, extrapolated from its last part: a guess with a range.

Empirical: the curve is continued as it went, by two of the families with which Domhan, Springenberg
and Hutter 2015 (IJCAI) extrapolate learning curves: exponential towards a limit, and powers of time.
A plateau that ends in a sudden drop cannot be foreseen this way.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from unstuck.core.recording import Array

FEWEST = 5  # points of a curve that can be continued at all
POINTS = 60  # block means that each window is thinned to before fitting
WINDOWS = (0.25, 0.5, 0.8)  # last shares of the curve that are continued, one by one
MARGIN = 1.25  # the truth lay within a tenth of the range of the fits in 20 of 20 runs; rounded up
ALIKE = 2.0  # a fit with up to this many times the best one's squared error counts too
ORIGINS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # lengths of the window by which a power began before it
ZOOMS = 4  # each narrows the rate to a sixth
NEVER = math.inf


@dataclasses.dataclass(frozen=True, slots=True)
class Forecast:
    """Further steps until the loss is met: the range of all fits that describe the curve.

    low, median, high: steps from the end of the curve; infinite where the law found never gets there.
    """

    low: float
    median: float
    high: float

    @property
    def plateau(self) -> bool:
        """Whether at least half of the fits never get there."""
        return math.isinf(self.median)


def forecast(steps: Array, losses: Array, target: float, *, lowest: float = 0.0) -> Forecast:
    """Return how many steps after the last one the loss will be at `target`.

    steps, losses: (n,) the recorded curve; lowest: no law may go below it (the floor of the loss).
    """
    steps, losses = np.asarray(steps, float), np.asarray(losses, float)
    known = np.isfinite(losses)
    steps, losses = steps[known], losses[known]
    if len(steps) < FEWEST:
        return Forecast(NEVER, NEVER, NEVER)
    if smoothed_end(losses) <= target:
        return Forecast(0.0, 0.0, 0.0)
    waits = sorted(
        wait for share in WINDOWS for wait in _window(steps, losses, share, target, lowest)
    )
    return Forecast(waits[0] / MARGIN, waits[(len(waits) - 1) // 2], waits[-1] * MARGIN)


def smoothed_end(losses: Array) -> float:
    """Return the mean loss of the last twentieth of the curve, at least one point."""
    return float(np.mean(losses[-max(len(losses) // 20, 1) :]))


def _window(steps: Array, losses: Array, share: float, target: float, lowest: float) -> list[float]:
    """Return the waits, one a fitting law, from the last `share` of the curve."""
    count = max(int(len(steps) * share), min(FEWEST, len(steps)))
    times, values = _blocks(steps[-count:], losses[-count:])
    if not _descends(times, values):
        return [NEVER]
    end = float(steps[-1])
    fits = [*_exponentials(times, values, lowest), *_powers(times, values, lowest)]
    if not fits:
        return [NEVER]
    best = min(fit.error for fit in fits) + 1e-12 * float(np.var(values))
    families = {fit.family: fit for fit in sorted(fits, key=lambda f: -f.error)}
    return [
        max(fit.when(target) - end, 1.0) for fit in families.values() if fit.error <= ALIKE * best
    ]


def _blocks(steps: Array, losses: Array) -> tuple[Array, Array]:
    pieces = min(POINTS, len(steps))
    return (
        np.array([part.mean() for part in np.array_split(steps, pieces)]),
        np.array([part.mean() for part in np.array_split(losses, pieces)]),
    )


def _descends(times: Array, values: Array) -> bool:
    """Whether the straight trend falls by more than two of its standard errors."""
    centred = times - times.mean()
    spread = float((centred**2).sum())
    slope = float((centred * values).sum()) / spread
    rest = values - values.mean() - slope * centred
    error = math.sqrt(float((rest**2).sum()) / max(len(values) - 2, 1) / spread)
    return slope < -2 * error and slope < 0


@dataclasses.dataclass(frozen=True, slots=True)
class _Fit:
    """A law limit + height · shape(time), fitted: exp(-rate (t - origin)) or ((t - origin))^-rate."""

    family: str
    error: float
    limit: float
    height: float
    rate: float
    origin: float

    def when(self, target: float) -> float:
        """Return the time at which the law is at `target`."""
        left = (target - self.limit) / self.height
        if left <= 0:
            return NEVER
        if self.family.startswith("exponential"):
            return self.origin - math.log(left) / self.rate
        power = -math.log(left) / self.rate
        return self.origin + math.exp(power) if power < 700 else NEVER


def _exponentials(times: Array, values: Array, lowest: float) -> list[_Fit]:
    length = float(times[-1] - times[0])
    rates = np.logspace(-3, 1.5, 20) / length
    return _laws("exponential", times - times[0], rates, float(times[0]), values, lowest)


def _powers(times: Array, values: Array, lowest: float) -> list[_Fit]:
    length, rates = float(times[-1] - times[0]), np.linspace(0.05, 6.0, 20)
    return [
        fit
        for origin in float(times[0]) - length * np.array(ORIGINS)
        for fit in _laws("power", np.log(times - origin), rates, float(origin), values, lowest)
    ]


def _laws(
    family: str,
    along: Array,
    rates: Array,
    origin: float,
    values: Array,
    lowest: float,
) -> list[_Fit]:
    """Return the best fit of a family with a limit of its own, and the best one that ends at `lowest`.

    along: (n,) the time, or its logarithm, in which the decay exp(-rate · along) is exponential.
    """
    found = []
    for name, limit in ((family, None), (f"{family} to the lowest", lowest)):
        grid = rates
        for _ in range(ZOOMS):
            errors, limits, heights = _solved(np.exp(-grid[:, None] * along), values, limit, lowest)
            best = int(np.argmin(errors))
            fit = _Fit(
                name, float(errors[best]), float(limits[best]), float(heights[best]),
                float(grid[best]), origin,
            )  # fmt: skip
            grid = np.linspace(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)], 13)
        if math.isfinite(fit.error):
            found.append(fit)
    return found


def _solved(
    shapes: Array, values: Array, limit: float | None, lowest: float
) -> tuple[Array, Array, Array]:
    """Return squared errors, limits and heights (r,) of least-squares fits to values (n,).

    shapes: (r, n). Laws that rise, or whose free limit lies under `lowest`, have infinite error.
    """
    middle = shapes.mean(1) if limit is None else np.zeros(len(shapes))
    base = values.mean() if limit is None else limit
    centred = shapes - middle[:, None]
    heights = centred @ (values - base) / ((centred**2).sum(1) + 1e-300)
    limits = base - heights * middle
    errors = ((values - limits[:, None] - heights[:, None] * shapes) ** 2).mean(1)
    refused = (heights <= 0) | (limits < lowest)
    return np.where(refused, np.inf, errors), limits, heights
