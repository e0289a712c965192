"""unstuck: why your network will not learn, proved, and the patch that cures it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unstuck.python.diagnose import diagnose
    from unstuck.python.diagnosis import Diagnosis
    from unstuck.python.undiagnosable import Undiagnosable
    from unstuck.python.watch import watch
    from unstuck.solver import Certificate, Fitted, Unsolvable, certify, fit

__all__ = [
    "Certificate",
    "Diagnosis",
    "Fitted",
    "Undiagnosable",
    "Unsolvable",
    "certify",
    "diagnose",
    "fit",
    "watch",
]

_HOMES = {
    **dict.fromkeys(("Certificate", "Fitted", "Unsolvable", "certify", "fit"), "solver"),
    "Diagnosis": "python.diagnosis",
    "Undiagnosable": "python.undiagnosable",
    "diagnose": "python.diagnose",
    "watch": "python.watch",
}


def load_ipython_extension(shell: Any) -> None:
    """Give a notebook the magic ``%%unstuck``: what ``%load_ext unstuck`` calls."""
    from unstuck.notebook import load

    load(shell)


def __getattr__(name: str) -> Any:
    """Bring a part when it is asked for: importing unstuck brings no framework."""
    if name == "lab":
        return import_module("unstuck.lab")
    if name in _HOMES:
        return getattr(import_module(f"unstuck.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
