"""For the tests of people who keep networks alive: `assert_learns`, and pytest's plugin around it.

Importing this brings no framework; what fails says so in the words of a diagnosis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unstuck.testing.learns import DoesNotLearn, assert_learns

__all__ = ["DoesNotLearn", "assert_learns"]


def __getattr__(name: str) -> Any:
    """Bring a part when it is asked for."""
    if name in __all__:
        return getattr(import_module("unstuck.testing.learns"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
