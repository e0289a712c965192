"""Where in the user's source a layer's activation is written, and where a layer is built."""

from __future__ import annotations

from unstuck.core.layers import Layer
from unstuck.core.recording import Where
from unstuck.core.rule import View
from unstuck.core.setup import Op


def called(op: Op) -> Where | None:
    """Return the user's line that led to this operation, None where unknown."""
    return Where(op.file, op.line) if op.line else None


def written(view: View, op: Op) -> Where | None:
    """Return the line to edit for an activation: where its module is built, or where it is called.

    Needs ``setup``. A module that does nothing but this operation *is* the activation; any other is
    a container, or the network itself, that calls a function.
    """
    others = [other for other in view.setup.program.ops if other.short != op.short]
    own = op.module + "."
    leaf = bool(op.module) and not any((other.module + ".").startswith(own) for other in others)
    return (view.built(op.module) if leaf else None) or called(op)


def activation(view: View, layer: Layer) -> Where | None:
    """Return the line to edit for this layer's activation, None where there is none."""
    if layer.activation is None:
        return None
    return written(view, view.setup.program.ops[layer.activation])
