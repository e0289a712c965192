"""Starting values that keep a gradient level through an activation, as changes."""

from __future__ import annotations

import functools
import math
from collections import Counter

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import DrawWeights, Edit
from unstuck.core.rule import View
from unstuck.core.setup import Setup
from unstuck.core.transform import with_fitting_draws
from unstuck.rules.swap import swapped

Scheme = tuple[str, float]
"""``xavier`` or ``kaiming``, and its gain."""

XAVIER: Scheme = ("xavier", 1.0)
STEEP: Scheme = ("xavier", 4.0)  # one over a sigmoid's slope at zero
HE: Scheme = ("kaiming", math.sqrt(2.0))  # half of the gradient passes a ReLU

SCHEMES: dict[str, tuple[Scheme, ...]] = {
    "tanh": (XAVIER,),
    "sigmoid": (STEEP,),
    **dict.fromkeys(("relu", "leaky_relu", "elu", "gelu", "silu"), (HE, XAVIER)),
}
"""Activation -> schemes for it; of two the calmer one comes last: it stands more learning rates."""


def fitting(view: View, name: str) -> tuple[Change, ...]:
    """Return the changes that keep the gradient level, for the commonest hidden activation.

    Needs ``setup``. None where it is no activation that a scheme is known for.
    """
    hidden = Counter(layer.activation_name.rstrip("_") for layer in view.layers[:-1])
    activation = hidden.most_common(1)[0][0] if hidden else ""
    drawn = [_drawn(view, name, one, i) for i, one in enumerate(SCHEMES.get(activation, ()))]
    if activation != "sigmoid":
        return tuple(drawn)
    swap = swapped(view, name, old="sigmoid", new="tanh", size=1)
    return (*drawn, swap, _both(swap, _drawn(view, name, XAVIER, 2)))


def _drawn(view: View, name: str, scheme: Scheme, size: int) -> Change:
    which, gain = scheme
    function = f"{which}_uniform_"
    options: tuple[tuple[str, float | str], ...] = ()
    if which == "kaiming":
        options = (("nonlinearity", "relu"),)
    elif gain != 1.0:
        options = (("gain", gain),)
    line = view.line("optimizer")
    plain = all(view.kind(layer.path) == "Linear" for layer in view.layers)
    edits: tuple[Edit, ...] = (DrawWeights(line, function, options),) if line and plain else ()
    said = "".join(f", {key} {value}" for key, value in options)
    return Change(
        name,
        f"draw the weights of the linear layers by {function}{said}",
        functools.partial(with_fitting_draws, scheme=which, gain=gain),
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.SETTING,
        size,
    )


def _both(swap: Change, draws: Change) -> Change:
    """Return one change that does what two do."""

    def setup(before: Setup) -> Setup:
        return draws.setup(swap.setup(before))

    known = bool(swap.edits and draws.edits)
    return Change(
        swap.name,
        f"{swap.say}, and {draws.say}",
        setup,
        (*swap.edits, *draws.edits) if known else (),
        Safety.SAFE if known else Safety.SHOW,
        Kind.ARCHITECTURE,
        draws.size,
    )
