"""A fitted perceptron as a program: its layers, its loss, how its weights were drawn.

Pure functions of sizes and names, in the words of torch, which trials train in. The formulas are those of
scikit-learn's `_multilayer_perceptron.py` (1.4 to 1.9).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from unstuck.core.setup import Draw, Op, Parameter, Program, Tensor

ACTIVATIONS = {
    "relu": "torch.nn.functional.relu",
    "tanh": "torch.tanh",
    "logistic": "torch.sigmoid",
}
"""Hidden activations -> what torch calls them; `identity` is none."""

INPUT, TARGET = 0, 1

GAIN = {"logistic": math.sqrt(1 / 3)}
"""Of Glorot's uniform draws, whose bound is sqrt(6 / (inputs + outputs)): a logistic layer has sqrt(2 / …)."""


def program(
    layers: int, activation: str, ends: str, outputs: int, dtype: Any
) -> tuple[Program, int | None]:
    """Return the operations from inputs to loss, and the slot of the loss as it is reported where that differs.

    layers: linear maps; ends: the output's activation, `identity`, `softmax` or `logistic`, which says what
    the loss is: half of the square, or a cross-entropy of logits; outputs: columns of the output.
    """
    ops: list[Op] = []
    slot, fresh = INPUT, 2 + 2 * layers
    for layer in range(layers):
        reads = ({"slot": slot}, {"slot": weight(layer)}, {"slot": bias(layer)})
        path = str(layer + 1)
        ops.append(Op("torch.nn.functional.linear", reads, {}, (fresh,), path))
        slot, fresh = fresh, fresh + 1
        if layer < layers - 1 and activation in ACTIVATIONS:
            ops.append(Op(ACTIVATIONS[activation], ({"slot": slot},), {}, (fresh,), path))
            slot, fresh = fresh, fresh + 1
    losses = _loss(slot, fresh, ends, outputs)
    end = losses[-1].outs[0]
    heard = _heard(losses[0], end + 1, ends, outputs, dtype)
    made = Program((*ops, *losses, *heard), (INPUT,), (TARGET,), {}, slot, end)
    return made, heard[-1].outs[0] if heard else None


def _heard(loss: Op, fresh: int, ends: str, outputs: int, dtype: Any) -> tuple[Op, ...]:
    """Return the loss as it is reported, where that differs from what is trained by.

    Of several targets the squares are averaged, while gradients are those of their sum; of cross-entropies
    probabilities are kept a rounding away from 0.
    """
    if ends == "identity":
        half = Op("torch.Tensor.mul", ({"slot": loss.outs[0]}, 0.5), {}, (fresh,))
        return (half,) if outputs > 1 else ()
    most = -math.log(np.finfo(dtype).eps)
    each = dataclasses.replace(loss, kwargs={"reduction": "none"}, outs=(fresh,))
    cut = Op("torch.clamp", ({"slot": fresh},), {"max": most}, (fresh + 1,))
    mean = Op("torch.mean", ({"slot": fresh + 1},), {}, (fresh + 2,))
    if loss.short == "cross_entropy" or outputs == 1:
        return each, cut, mean
    summed = Op("torch.Tensor.mul", ({"slot": fresh + 2}, float(outputs)), {}, (fresh + 3,))
    return each, cut, mean, summed


def _loss(prediction: int, fresh: int, ends: str, outputs: int) -> tuple[Op, ...]:
    name, factor = {
        "identity": ("mse_loss", 0.5 * outputs),  # summed over the targets
        "softmax": ("cross_entropy", 1.0),
        "logistic": ("binary_cross_entropy_with_logits", float(outputs)),  # summed over the labels
    }[ends]
    reads = ({"slot": prediction}, {"slot": TARGET})
    mean = Op(f"torch.nn.functional.{name}", reads, {}, (fresh,))
    if factor == 1.0:
        return (mean,)
    return (mean, Op("torch.Tensor.mul", ({"slot": fresh}, factor), {}, (fresh + 1,)))


def weight(layer: int) -> int:
    """Return the slot of a layer's weights (outputs, inputs)."""
    return 2 + 2 * layer


def bias(layer: int) -> int:
    """Return the slot of a layer's biases (outputs,)."""
    return 3 + 2 * layer


Weights = tuple[Sequence[Tensor], Sequence[Tensor]]
"""``coefs_`` (inputs, outputs) each and ``intercepts_`` (outputs,) each."""


def parameters(start: Weights, end: Weights | None, activation: str) -> tuple[Parameter, ...]:
    """Return the parameters in the order of their layers; weights are in group 0, biases in group 1."""
    found = []
    gain = GAIN.get(activation, 1.0)
    for layer, (coef, intercept) in enumerate(zip(*start, strict=True)):
        inputs, outputs = coef.shape
        bound = gain * math.sqrt(6.0 / (inputs + outputs))
        last = (
            (None, None) if end is None else (np.ascontiguousarray(end[0][layer].T), end[1][layer])
        )
        found += [
            Parameter(
                weight(layer),
                f"coefs_[{layer}]",
                np.ascontiguousarray(coef.T),
                (Draw("xavier_uniform", (gain,)),),
                last[0],
                0,
            ),
            Parameter(
                bias(layer),
                f"intercepts_[{layer}]",
                intercept,
                (Draw("uniform", (-bound, bound)),),
                last[1],
                1,
            ),
        ]
    return tuple(found)


def targets(binarized: Tensor, ends: str, dtype: np.dtype[np.generic]) -> Tensor:
    """Return the targets as the loss takes them: class numbers (n,), or one number for each output (n, k)."""
    if ends == "softmax":
        return np.array(np.argmax(binarized, axis=1))
    return np.ascontiguousarray(binarized, dtype=dtype)
