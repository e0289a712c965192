"""What gradients are clipped to: as its effect shows, or as the call says where that shows but once."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

Limits = tuple[float | None, float | None]

NORM, VALUE = "clip_grad_norm_", "clip_grad_value_"


class Clips:
    """peaks: step -> the largest number in the gradient before and after it was clipped.

    own: the norm and the size that the optimizer itself clips to; each: the norm that it clips the
    gradient of each parameter to.
    """

    def __init__(self) -> None:
        self.peaks: dict[int, tuple[float, float]] = {}
        self.own: Limits = (None, None)
        self.each: float | None = None
        self._told: dict[str, float] = {}

    def tell(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Note the limit that a call of this function gives; norms other than the Euclidean are not followed."""
        word = "max_norm" if name == NORM else "clip_value"
        limit = args[1] if len(args) > 1 else kwargs.get(word)
        kind = args[2] if len(args) > 2 else kwargs.get("norm_type", 2)
        if isinstance(limit, int | float | Tensor) and (name == VALUE or kind == 2):
            self._told[name] = float(limit)

    def limits(self, norms: dict[int, float], before: dict[int, float]) -> Limits:
        """Return the norm and the size that gradients were clipped to, None where they were not.

        norms, before: by step, of the gradient that the update found and that backward left.
        """
        if not self.peaks:
            return self.own
        scaled = all(  # by one factor, as a limit on the norm does
            math.isclose(now / peak, norms[step] / before[step], rel_tol=0.01)
            for step, (peak, now) in self.peaks.items()
            if peak > 0
        )
        if scaled:
            return self._limit(NORM, [norms[step] for step in self.peaks]), None
        return None, self._limit(VALUE, [now for _, now in self.peaks.values()])

    def _limit(self, name: str, sizes: list[float]) -> float | None:
        return self._told.get(name) if len(sizes) == 1 else _alike(sizes)


def _alike(sizes: list[float]) -> float | None:
    """Return the one size that all of these have, in three digits."""
    if len(sizes) < 2 or max(sizes) > 1.01 * min(sizes):
        return None
    return float(f"{max(sizes):.3g}")
