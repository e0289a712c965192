"""How weights are listed in a sentence: the first few by name."""

from __future__ import annotations

from collections.abc import Sequence

from unstuck.core.setup import Parameter

FEW = 4


def named(parameters: Sequence[Parameter]) -> str:
    """Return the names of these weights, of the first few where there are many."""
    names = ", ".join(one.name for one in parameters[:FEW])
    return names + (" ..." if len(parameters) > FEW else "")
