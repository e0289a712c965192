"""The lab: thousands of networks at once, to know how often a training learns over a whole grid.

Belongs here: studies, engines for chunks of networks, the pool of workers, stores, and what they found.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unstuck.lab.mistaken import Mistaken
    from unstuck.lab.swept import Sweep, sweep

__all__ = ["Mistaken", "Sweep", "sweep"]

_HOMES = {"Mistaken": "mistaken", "Sweep": "swept", "sweep": "swept"}


def __getattr__(name: str) -> Any:
    """Bring a part when it is asked for."""
    if name in _HOMES:
        return getattr(import_module(f"unstuck.lab.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
