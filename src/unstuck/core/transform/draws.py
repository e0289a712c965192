"""Other starting values: those that torch gives a layer by itself."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from unstuck.core.layers import layers
from unstuck.core.setup import Draw, Op, Parameter, Setup
from unstuck.core.transform.unchangeable import Unchangeable

WEIGHTED = frozenset({"linear", "conv1d", "conv2d", "conv3d"})
"""Functions of torch's own layers that take a weight (outputs, inputs, …) and a bias."""

NORMS = frozenset({"batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm"})

Draws = tuple[Draw, ...]


def default_draws(setup: Setup) -> dict[int, Draws]:
    """Return how torch draws each parameter of its own layers by default: slot -> draws.

    A weight that is multiplied by hand gets a normal of spread 1/sqrt(inputs), and its bias zeros.
    """
    known = {parameter.slot: parameter for parameter in setup.parameters}
    found: dict[int, Draws] = {}
    for layer in layers(setup):
        if setup.program.ops[layer.op].short != "linear":
            found[layer.weight.slot] = (Draw("fan_normal", (1.0,), layer.inputs),)
            if layer.bias is not None:
                found[layer.bias.slot] = (Draw("constant", (0.0,)),)
    for op in setup.program.ops:
        found.update(_of(op, [known[slot] for slot in op.slots() if slot in known]))
    return found | {p.slot: p.usual for p in setup.parameters if p.usual}


def _of(op: Op, parameters: list[Parameter]) -> dict[int, Draws]:
    if op.short in WEIGHTED:
        weight = next((p for p in parameters if p.start.ndim > 1), None)
        if weight is None:
            return {}
        draws = (Draw("fan_uniform", (1.0,), math.prod(weight.start.shape[1:])),)
        return {parameter.slot: draws for parameter in parameters}
    if op.short in NORMS:
        values = (1.0 if p.name.rpartition(".")[2] == "weight" else 0.0 for p in parameters)
        pairs = zip(parameters, values, strict=True)
        return {p.slot: (Draw("constant", (value,)),) for p, value in pairs}
    if op.short == "embedding":
        return {parameter.slot: (Draw("normal", (0.0, 1.0)),) for parameter in parameters}
    return {}


def with_fitting_draws(setup: Setup, scheme: str, gain: float = 1.0) -> Setup:
    """Draw the weight of every layer by ``xavier`` or ``kaiming``, uniformly; biases stay as they are.

    A uniform draw of variance gain²/inputs (kaiming), or gain²/(the mean of inputs and outputs).
    """
    drawn: dict[int, Draws] = {}
    for layer in layers(setup):
        if any(draw.how == "keep" for draw in layer.weight.draws):
            raise Unchangeable(f"how {layer.weight.name} was drawn is not known: it may be loaded")
        if scheme == "xavier":
            drawn[layer.weight.slot] = (Draw("xavier_uniform", (gain,)),)
        else:
            bound = gain * math.sqrt(3.0)
            drawn[layer.weight.slot] = (Draw("fan_uniform", (bound,), layer.inputs),)
    parameters = tuple(
        dataclasses.replace(p, draws=drawn.get(p.slot, p.draws)) for p in setup.parameters
    )
    return dataclasses.replace(setup, parameters=parameters, start="draw")


def with_default_draws(setup: Setup, names: Iterable[str]) -> Setup:
    """Draw these parameters as torch draws the layers that they belong to."""
    usual, wanted = default_draws(setup), set(names)
    unknown = [p.name for p in setup.parameters if p.name in wanted and p.slot not in usual]
    if unknown:
        raise Unchangeable(f"how torch would draw {unknown[0]} is not known")
    parameters = tuple(
        dataclasses.replace(p, draws=usual[p.slot]) if p.name in wanted else p
        for p in setup.parameters
    )
    return dataclasses.replace(setup, parameters=parameters, start="draw")
