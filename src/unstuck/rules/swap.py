"""Another activation in the hidden layers, as a change: shared by the faults that activations have."""

from __future__ import annotations

import functools

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import ReplaceActivation
from unstuck.core.rule import View
from unstuck.core.transform import replaced_activation
from unstuck.rules.places import activation

SPOKEN = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU"}


def swapped(view: View, name: str, *, old: str, new: str, size: int = 0) -> Change:
    """Return the change that uses `new` wherever a hidden layer uses `old`; needs ``setup``.

    The output's activation stays: it decides what a prediction means.
    """
    users = [layer for layer in view.layers[:-1] if layer.activation_name.rstrip("_") == old]
    lines = [activation(view, layer) for layer in users]
    known = tuple(dict.fromkeys(line for line in lines if line is not None))
    complete = None not in lines
    return Change(
        name,
        f"use {SPOKEN.get(new, new)} instead of {SPOKEN.get(old, old)} in the hidden layers",
        functools.partial(replaced_activation, old=old, new=new),
        (ReplaceActivation(known, old, new),) if complete else (),
        Safety.SAFE if complete else Safety.SHOW,
        Kind.ARCHITECTURE,
        size,
    )
