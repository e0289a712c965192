"""What the user may set about a diagnosis in Python, checked."""

from __future__ import annotations

import math
from typing import Any

from unstuck.core.options import Options
from unstuck.python.undiagnosable import Undiagnosable
from unstuck.runner import duration


def options(budget: str | float, seeds: int, random_state: int) -> Options:
    """Return the options; raises Undiagnosable.

    budget: what the search for a cure may cost, `60s`, `5m` or seconds; seeds: starts that each trial trains;
    random_state: of all trials.
    """
    return Options(
        seconds=_seconds(budget),
        members=whole("seeds", seeds, least=2),
        random_state=whole("random_state", random_state, least=0),
    )


def whole(name: str, value: Any, *, least: int = 1) -> int:
    """Return a whole number that is large enough; raises Undiagnosable."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Undiagnosable(f"{name}={value!r}; give a whole number of at least {least}.")
    return value


def _seconds(budget: str | float) -> float:
    try:
        found = duration.seconds(budget) if isinstance(budget, str) else float(budget)
    except (TypeError, ValueError) as error:
        raise Undiagnosable(
            f"budget={budget!r} is no time; give 60s, 5m or a number of seconds."
        ) from error
    if not 0 < found < math.inf:
        raise Undiagnosable(
            f"budget={budget!r} leaves no time; give 60s, 5m or a number of seconds."
        )
    return found
