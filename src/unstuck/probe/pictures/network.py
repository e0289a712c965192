"""What the layers do: where units bend, which are off or flat, how gradients reach weights and move them."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch

from unstuck.core.layers import RECTIFIERS, Layer
from unstuck.core.pictures import Bends, Flow, Units
from unstuck.core.recording import Array
from unstuck.core.setup import Parameter
from unstuck.probe.pictures.bins import histogram, limits
from unstuck.probe.subject import Subject, Unmeasurable
from unstuck.probe.units import RANGES, saturated
from unstuck.replay import tensors

MOST_LAYERS = 16
BENDING = frozenset(
    {"relu", "relu_", "leaky_relu", "tanh", "sigmoid", "elu", "gelu", "silu", "softplus"}
)


def bends(subject: Subject) -> Bends:
    """Return where the units of the first hidden layer bend over the only input."""
    if subject.inputs.shape[1] != 1:
        raise Unmeasurable("does not apply: there is more than one input")
    name, layer = next(iter(subject.hidden.items()), ("", None))
    if layer is None or layer.inputs != 1 or layer.activation_name not in BENDING:
        raise Unmeasurable("does not apply: no layer of units bends over the input itself")
    edges = limits(subject.inputs[:, 0])
    ends = [_bent(layer, when) for when in ("start", "end")[: len(subject.steps)]]
    data = histogram("rows", subject.inputs[:, 0], edges)
    found = [histogram(name, part, edges) for part in ends]
    return Bends(name, data, found[0], found[-1])


def _bent(layer: Layer, when: str) -> Array:
    """Return -b/w of every unit, infinite where a weight is zero."""
    weight = _value(layer.weight, when).reshape(-1)
    bias = np.zeros_like(weight) if layer.bias is None else _value(layer.bias, when)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(weight == 0, np.inf, -bias / weight), float)


def _value(parameter: Parameter, when: str) -> Array:
    value = parameter.start if when == "start" or parameter.end is None else parameter.end
    return np.asarray(value, float)


def units(subject: Subject) -> tuple[Units, ...]:
    """Return what the units of each hidden layer do, at the start and the end."""
    known = {
        name: layer
        for name, layer in subject.hidden.items()
        if layer.activation_name in RECTIFIERS or layer.activation_name.rstrip("_") in RANGES
    }
    if not known and subject.layers:
        raise Unmeasurable("does not apply: no hidden layer has units that can be off or flat")
    if not known:
        raise Unmeasurable("the layers of this network could not be followed")
    whens: tuple[Literal["start", "end"], ...] = ("start", "end")
    return tuple(
        _shares(name, layer, subject, when, index)
        for name, layer in list(known.items())[:MOST_LAYERS]
        for index, when in enumerate(whens[: len(subject.steps)])
    )


def _shares(
    name: str, layer: Layer, subject: Subject, when: Literal["start", "end"], index: int
) -> Units:
    pre, post = (
        (values := subject.state(slot, index)).reshape(-1, values.shape[-1])
        for slot in (layer.pre, layer.post)
    )
    squash = layer.activation_name.rstrip("_")
    squashes = squash in RANGES
    off = np.asarray((np.abs(post) <= 1e-7 * np.abs(pre)).all(0)) & (not squashes)
    flat = saturated(post, squash).astype(bool) if squashes else off & False
    bending = (pre.min(0) < 0) & (pre.max(0) > 0) & ~off & ~flat
    rest = ~(off | flat | bending)
    shares = (float(part.mean()) for part in (off, flat, bending, rest))
    return Units(name, pre.shape[1], when, *shares)


def flows(subject: Subject) -> tuple[Flow, ...]:
    """Return the gradient of the loss at each weight matrix before and after, and how far it moved."""
    weights = [one for one in subject.setup.parameters if one.start.ndim > 1][:MOST_LAYERS]
    if not weights:
        raise Unmeasurable("the network has no weight matrix")
    start = _gradients(subject, weights, "start")
    end = _gradients(subject, weights, "end") if len(subject.steps) > 1 else {}
    return tuple(
        Flow(
            one.name.removesuffix(".weight") or one.name,
            start[one.slot],
            end.get(one.slot, math.nan),
            _moved(one),
        )
        for one in weights
    )


def _gradients(
    subject: Subject, weights: list[Parameter], when: Literal["start", "end"]
) -> dict[int, float]:
    """Return the norm of the loss's gradient over all measured rows, by slot."""
    leaves = {
        slot: weight.clone().requires_grad_() if weight.is_floating_point() else weight
        for slot, weight in tensors.weights(subject.setup, when).items()
    }
    loss = subject.setup.program.loss
    with torch.enable_grad():
        value = subject.run(leaves, subject.rows, want=(loss,))[loss].sum()
        parts = torch.autograd.grad(value, [leaves[one.slot] for one in weights], allow_unused=True)
    return {
        one.slot: 0.0 if part is None else float(part.double().norm())
        for one, part in zip(weights, parts, strict=True)
    }


def _moved(one: Parameter) -> float:
    if one.end is None:
        return math.nan
    before = float(np.linalg.norm(np.asarray(one.start, float)))
    move = float(np.linalg.norm(np.asarray(one.end, float) - np.asarray(one.start, float)))
    return move / before if before > 0 else math.nan
