"""The network's layers, read off a traced program: each linear map with the activation behind it."""

from __future__ import annotations

import dataclasses
import math

from unstuck.core.setup import Op, Parameter, Program, Setup

LINEAR = frozenset({"linear", "addmm", "matmul", "__matmul__", "__rmatmul__", "mm", "bmm"})
"""Operations that multiply by a weight matrix."""

RECTIFIERS = frozenset(
    {"relu", "relu_", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus",
     "prelu", "clamp", "clamp_min", "maximum", "hardtanh", "threshold"}
)  # fmt: skip
"""Activations with one bend; those below zero are flat or nearly so."""

SQUASHERS = frozenset({"sigmoid", "tanh", "softsign", "hardsigmoid", "arctan", "atan", "erf"})
"""Activations that saturate on both sides."""

OTHER_BENDS = frozenset(
    {"sin", "cos", "exp", "square", "pow", "__pow__", "abs", "softmax", "log_softmax"}
)
"""Other pointwise or rowwise non-linear operations."""

ACTIVATIONS = RECTIFIERS | SQUASHERS | OTHER_BENDS

ARITHMETIC = frozenset(
    {"add", "__add__", "__radd__", "__iadd__", "add_", "view", "reshape", "flatten", "squeeze",
     "unsqueeze", "batch_norm", "layer_norm", "dropout", "contiguous", "detach"}
)  # fmt: skip
"""Operations that may stand between a linear map and its activation without being one."""

VIEWS = frozenset({"view", "reshape", "flatten", "squeeze", "unsqueeze", "contiguous", "detach"})
"""Operations that leave every number as it is."""

RANGES = {
    "relu": (0.0, math.inf), "relu6": (0.0, 6.0), "softplus": (0.0, math.inf),
    "sigmoid": (0.0, 1.0), "hardsigmoid": (0.0, 1.0), "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0), "hardtanh": (-1.0, 1.0), "elu": (-1.0, math.inf),
}  # fmt: skip
"""Activations whose values are bounded -> lowest and highest value (torch's default settings)."""


def ending(program: Program) -> Op | None:
    """Return the bounded activation that makes the prediction; views behind it are passed over."""
    made = {slot: op for op in program.ops for slot in op.outs}
    op, part = made.get(program.prediction), False
    while op is not None and op.short in {*VIEWS, "__getitem__"} and op.slots():
        part = part or op.short == "__getitem__"
        op = made.get(op.slots()[0])
    if op is None or op.short.rstrip("_") not in RANGES or (part and op.short == "softmax"):
        return None
    return op


CLAMPS = frozenset({"clamp", "clip"})
"""Operations that keep a probability from 0 and 1, as Keras does in its losses."""


def compared_by(program: Program) -> frozenset[str]:
    """Return the names of the operations that read the prediction, itself or clamped."""
    slots = {program.prediction}
    found: set[str] = set()
    for op in program.ops:
        if slots.intersection(op.slots()):
            if op.short in CLAMPS and program.prediction in op.slots():
                slots.update(op.outs)
            else:
                found.add(op.short)
    return frozenset(found)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A linear map and the activation behind it.

    op: index of the linear operation in the program; weight, bias: its parameters; pre: slot of the
    pre-activation; activation: index of the activating operation, None where nothing bends the output
    before the next linear map or the loss; post: slot of the layer's output (pre where there is none).
    inputs, outputs: sizes. transposed: the weight is stored (inputs, outputs).
    """

    path: str
    op: int
    weight: Parameter
    bias: Parameter | None
    inputs: int
    outputs: int
    transposed: bool
    pre: int
    activation: int | None
    activation_name: str
    post: int


def layers(setup: Setup) -> tuple[Layer, ...]:
    """Return the layers from inputs to prediction, in order; empty for networks of other makes."""
    program = setup.program
    parameters = {parameter.slot: parameter for parameter in setup.parameters}
    views = _weight_views(program.ops, parameters)
    found: list[Layer] = []
    for index, op in enumerate(program.ops):
        if op.short not in LINEAR:
            continue
        layer = _layer(program.ops, index, parameters, views)
        if layer is not None:
            found.append(layer)
        if program.prediction in op.outs:
            break
    return tuple(found)


def _weight_views(
    ops: tuple[Op, ...], parameters: dict[int, Parameter]
) -> dict[int, tuple[Parameter, bool]]:
    """Slots that hold a parameter or its transpose -> (parameter, transposed)."""
    views = {slot: (parameter, False) for slot, parameter in parameters.items()}
    for op in ops:
        reads = op.slots()
        if op.short in {"t", "T", "mT", "transpose"} and len(reads) == 1 and reads[0] in views:
            parameter, flipped = views[reads[0]]
            views[op.outs[0]] = (parameter, not flipped)
    return views


def _layer(
    ops: tuple[Op, ...],
    index: int,
    parameters: dict[int, Parameter],
    views: dict[int, tuple[Parameter, bool]],
) -> Layer | None:
    op = ops[index]
    weights = [
        views[slot] for slot in op.slots() if slot in views and views[slot][0].start.ndim == 2
    ]
    if len(weights) != 1:
        return None
    weight, flipped = weights[0]
    as_stored = (op.short == "linear") != flipped  # linear() takes (outputs, inputs)
    rows, columns = weight.start.shape
    outputs, inputs = (rows, columns) if as_stored else (columns, rows)
    bias = next(
        (parameters[s] for s in op.slots() if s in parameters and parameters[s].start.ndim == 1),
        None,
    )
    slot, activation, name, pre = op.outs[0], None, "", op.outs[0]
    for later in range(index + 1, len(ops)):
        follower = ops[later]
        if slot not in follower.slots():
            continue
        if follower.short in ACTIVATIONS:
            activation, name = later, follower.short
            break
        if follower.short not in ARITHMETIC:
            break
        added = [parameters[s] for s in follower.slots() if s in parameters]
        if bias is None and added and follower.short.strip("_") in {"add", "radd", "iadd"}:
            bias = added[0]
        slot = pre = follower.outs[0]
    post = ops[activation].outs[0] if activation is not None else pre
    path = op.module or weight.name.rpartition(".")[0] or weight.name
    return Layer(
        path, index, weight, bias, inputs, outputs, not as_stored, pre, activation, name, post
    )
