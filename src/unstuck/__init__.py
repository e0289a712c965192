"""unstuck: why your network will not learn, proved, and the patch that cures it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unstuck.solver import Certificate, Fitted, Unsolvable, certify, fit

__all__ = ["Certificate", "Fitted", "Unsolvable", "certify", "fit"]


def __getattr__(name: str) -> Any:
    """Bring the solver when it is asked for: importing unstuck brings no framework."""
    if name in __all__:
        from unstuck import solver

        return getattr(solver, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
