"""Which lines of the script drew a layer's starting values, and the change that takes them back.

Shared by the faults that starting values can have.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import DrawNormal, Edit, KeepDefaultInit, SetArgument
from unstuck.core.recording import Where
from unstuck.core.rule import View
from unstuck.core.setup import Draw, Parameter
from unstuck.core.transform import default_draws, with_default_draws

LAYERS = frozenset({"Linear", "Conv1d", "Conv2d", "Conv3d", "Embedding", "BatchNorm1d", "BatchNorm2d",
                    "LayerNorm", "GroupNorm"})  # fmt: skip
"""Modules of torch that draw their own starting values."""


def own(view: View, parameter: Parameter) -> bool:
    """Whether the parameter belongs to a layer of torch or Keras, which draws it by itself."""
    return bool(parameter.usual) or view.kind(parameter.name.rpartition(".")[0]) in LAYERS


def lines(view: View, parameter: Parameter) -> tuple[Where, ...]:
    """Return the lines of the script that drew this parameter; none where torch's own layer did."""
    if parameter.usual:
        built = _built(view, parameter)
        return () if parameter.draws == parameter.usual or built is None else (built,)
    if parameter.filled:
        return tuple(Where(*line) for line in parameter.filled)
    made = Where(*parameter.made) if parameter.made else None
    if made is None or (own(view, parameter) and _built(view, parameter) in {made, None}):
        return ()
    return (made,)


def touched(view: View, parameter: Parameter) -> bool:
    """Whether the script drew the parameter, as far as is known: values that were loaded are meant."""
    return parameter.made is None or bool(lines(view, parameter))


def place(view: View, parameters: Iterable[Parameter]) -> Where | None:
    """Return the first known line that drew one of these."""
    return next((line for p in parameters for line in lines(view, p)), None)


def _built(view: View, parameter: Parameter) -> Where | None:
    return view.built(parameter.name.rpartition(".")[0])


def taken_back(view: View, name: str, faulty: Iterable[Parameter], kind: Kind) -> Change:
    """Return the change that draws these parameters, and all that the same lines draw, as torch does."""
    faulty = list(faulty)
    wanted = {line for parameter in faulty for line in lines(view, parameter)}
    drawn = [p for p in view.setup.parameters if p in faulty or wanted & set(lines(view, p))]
    places = tuple(dict.fromkeys(line for p in drawn for line in lines(view, p)))
    edits: tuple[Edit, ...] = ()
    if places and all(own(view, parameter) for parameter in drawn):
        edits = (KeepDefaultInit(places),)
    elif places and not any(own(view, parameter) for parameter in drawn):
        edits = _by_hand(view, drawn)
    framework = "Keras" if view.framework == "keras" else "torch"
    return Change(
        name,
        f"keep the starting values that {framework} gives a layer by default: "
        + ", ".join(parameter.name for parameter in drawn),
        functools.partial(with_default_draws, names=tuple(p.name for p in drawn)),
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        kind,
    )


def _by_hand(view: View, drawn: list[Parameter]) -> tuple[Edit, ...]:
    """Return the edits that draw these tensors, made by lines of the script, as a layer would; or none."""
    usual = default_draws(view.setup)
    biases = [p for p in drawn if p.start.ndim == 1]
    weights = [p for p in drawn if p.start.ndim == 2]
    if len(biases) + len(weights) < len(drawn) or any(p.filled for p in weights):
        return ()
    if not all([draw.how for draw in p.draws] == ["constant"] for p in biases):
        return ()
    spreads: dict[Where, list[tuple[float, float]]] = {}
    for weight in weights:
        (draw,) = usual.get(weight.slot, ()) or (Draw("keep"),)
        if draw.how not in {"fan_normal", "fan_uniform"}:
            return ()
        spread = draw.fan**-0.5 / (1.0 if draw.how == "fan_normal" else math.sqrt(3.0))
        pair = spread, weight.start.shape[0] ** -0.5
        spreads.setdefault(lines(view, weight)[0], []).append(pair)
    return (
        *(_zero(view, bias) for bias in biases if any(bias.start)),
        *(
            DrawNormal(line, tuple(one for one, _ in pairs), all(a == b for a, b in pairs))
            for line, pairs in spreads.items()
        ),
    )


def _zero(view: View, parameter: Parameter) -> Edit:
    """Return the edit that fills a bias with zeros instead."""
    (value,), line = parameter.draws[0].numbers, lines(view, parameter)[-1]
    return SetArgument(line, "full", "fill_value", 1, 0.0, value)
