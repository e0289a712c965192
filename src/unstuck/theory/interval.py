"""Intervals of shares: how far a count of successes pins down the share behind it; unit: share."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from scipy.special import betaincinv, ndtri  # type: ignore[import-untyped]


def share_interval(successes: int, of: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the exact two-sided interval of a share (Clopper and Pearson 1934, Biometrika 26:404).

    Its coverage is at least `level` whatever the share; (0, 1) where nothing was tried.
    """
    tail = (1 - level) / 2
    return _lower(successes, of, tail), 1 - _lower(of - successes, of, tail)


def lower_bound(successes: int, of: int, *, level: float = 0.95) -> float:
    """Return the exact one-sided lower bound of a share (Clopper and Pearson 1934)."""
    return _lower(successes, of, 1 - level)


def _lower(successes: int, of: int, tail: float) -> float:
    """Return the share at which `successes` or more of `of` would happen with probability `tail`."""
    if not 0 <= successes <= of:
        raise ValueError(f"{successes} successes of {of}")
    return float(betaincinv(successes, of - successes + 1, tail)) if successes else 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two paired shares, second minus first, and its interval."""

    effect: float
    low: float
    high: float

    @property
    def clear_of_none(self) -> bool:
        """Whether the whole interval lies on one side of zero."""
        return self.low > 0 or self.high < 0


def paired_difference(
    first: Sequence[bool], second: Sequence[bool], *, level: float = 0.95
) -> Difference:
    """Return how much larger the second share is than the first, paired by position.

    Newcombe 1998 (Statistics in Medicine 17:2635), method 10: Wilson's intervals of both shares are
    squared and added, less what their correlation phi takes away (continuity-corrected). Asymptotic,
    but within -1 to 1 and close to its level from about ten pairs on. No pairs: (-1, 1).
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} results cannot be paired with {len(second)}")
    pairs = list(zip(first, second, strict=True))
    if not pairs:
        return Difference(float("nan"), -1.0, 1.0)
    both = sum(a and b for a, b in pairs)
    gained = sum(b and not a for a, b in pairs)
    lost = sum(a and not b for a, b in pairs)
    return _newcombe(both, gained, lost, len(pairs) - both - gained - lost, level)


def _newcombe(both: int, gained: int, lost: int, neither: int, level: float) -> Difference:
    n = both + gained + lost + neither
    after, before = (both + gained) / n, (both + lost) / n
    low_after, high_after = wilson(both + gained, n, level=level)
    low_before, high_before = wilson(both + lost, n, level=level)
    phi = _correlation(both, gained, lost, neither)
    effect = after - before
    down = _joined(after - low_after, high_before - before, phi)
    up = _joined(high_after - after, before - low_before, phi)
    return Difference(effect, effect - down, effect + up)


def _joined(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(one * one - 2 * phi * one * other + other * other, 0.0))


def _correlation(both: int, gained: int, lost: int, neither: int) -> float:
    """Return phi of the fourfold table with Newcombe's continuity correction."""
    n = both + gained + lost + neither
    margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    if margins == 0:
        return 0.0
    product = float(both * neither - gained * lost)
    return (max(product - n / 2, 0.0) if product > 0 else product) / math.sqrt(margins)


def wilson(successes: int, of: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a share (Wilson 1927, JASA 22:209)."""
    z = float(ndtri(0.5 + level / 2))
    share, wide = successes / of, z * z / of
    centre = (share + wide / 2) / (1 + wide)
    half = z * math.sqrt(share * (1 - share) / of + wide / (4 * of)) / (1 + wide)
    return max(centre - half, 0.0), min(centre + half, 1.0)
