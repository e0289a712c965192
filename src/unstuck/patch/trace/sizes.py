"""Where a call that builds a layer, or a weight by hand, says its numbers of inputs and outputs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

import libcst as cst

from unstuck.patch.text.source import Source
from unstuck.patch.trace import calls, fold
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import EMPTY, Env, Spot

LAYER = re.compile(r"^(Lazy)?(Linear|Conv\w*|Dense|Bilinear|RNN|LSTM|GRU)$")
"""Layers with weights between inputs and outputs."""

NORM = re.compile(r"^(BatchNorm\w*|LayerNorm|InstanceNorm\w*|RMSNorm|PReLU)$")
"""Layers whose size is that of the layer in front of them."""

FILLED = frozenset(
    {"randn", "rand", "zeros", "ones", "empty", "full", "normal", "uniform", "standard_normal", "Tensor",
     "FloatTensor", "DoubleTensor", "new_zeros", "new_empty", "randint", "xavier_uniform", "tensor"}
)  # fmt: skip
"""Calls that make an array of a given shape."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sizes:
    """The expressions for inputs and outputs of one call; None where the call does not say."""

    call: Spot
    inputs: Spot | None
    outputs: Spot | None

    def worth(self, files: Files, env: Env = EMPTY) -> tuple[object, object]:
        """Return the two numbers, None where the source does not tell."""
        return (
            fold.folded(files, self.inputs, env) if self.inputs else None,
            fold.folded(files, self.outputs, env) if self.outputs else None,
        )


def of(files: Files, call: Spot, inputs: int, outputs: int) -> Sizes | None:
    """Return where a call says its sizes; inputs, outputs: their values at run time."""
    name = calls.names(call)[-1:]
    if name and LAYER.match(name[0]):
        lazy = name[0].startswith("Lazy")
        first = None if lazy else _either(call, ("in_features", "in_channels", "input_size"), 0)
        second = _either(
            call, ("out_features", "out_channels", "hidden_size", "units"), 0 if lazy else 1
        )
        return Sizes(call, first, second)
    if name and NORM.match(name[0]):
        only = _either(call, ("num_features", "normalized_shape", "num_parameters"), 0)
        return Sizes(call, None, only)
    shape = _shape(call)
    if shape is None:
        return None
    if len(shape) == 1:
        return Sizes(call, None, shape[0])
    if len(shape) == 2:
        rows, columns = shape
        if _transposed(files, call, shape, inputs, outputs):
            return Sizes(call, columns, rows)
        return Sizes(call, rows, columns)
    return None


def _either(call: Spot, keywords: Sequence[str], position: int) -> Spot | None:
    found = (calls.argument(call, keyword, position) for keyword in keywords)
    by_keyword = (calls.argument(call, keyword, None) for keyword in keywords)
    return next((spot for spot in by_keyword if spot is not None), next(found))


def _shape(call: Spot) -> tuple[Spot, ...] | None:
    """Return the expressions of a shape: ``randn(a, b)``, ``randn((a, b))``, ``normal(0, 1, size=(a, b))``."""
    node = call.node
    assert isinstance(node, cst.Call)
    names = calls.names(call)
    if not names or names[0] not in FILLED:
        return None
    display = next(
        (
            a.value
            for a in node.args
            if isinstance(a.value, cst.Tuple | cst.List)
            and (a.keyword is None or a.keyword.value in {"size", "shape"})
        ),
        None,
    )
    if display is not None:
        return tuple(call.at(e.value) for e in display.elements)
    if names[0] in {"normal", "uniform", "full", "tensor"}:
        return None
    positional = [a for a in node.args if a.keyword is None]
    return tuple(call.at(a.value) for a in positional if not a.star) or None


def _transposed(
    files: Files, call: Spot, shape: tuple[Spot, ...], inputs: int, outputs: int
) -> bool:
    """Whether the weight is stored (outputs, inputs)."""
    rows, columns = (fold.folded(files, spot) for spot in shape)
    if inputs != outputs and rows is not None and columns is not None:
        return bool((rows, columns) == (outputs, inputs))
    name = assigned_name(call)
    return name is not None and any(
        _multiplied_from_left(call.source, n) for n in _reads(call, name)
    )


def assigned_name(call: Spot) -> str | None:
    """Return the name (or ``self.name``) that what is built here is assigned to."""
    for around in call.source.ancestors(call.node):
        if isinstance(around, cst.Assign):
            return dotted(around.targets[0].target) or None
        if isinstance(around, cst.BaseStatement):
            break
    return None


def _reads(call: Spot, name: str) -> list[cst.BaseExpression]:
    return [
        node
        for node in call.source.all(cst.BaseExpression)
        if isinstance(node, cst.Name | cst.Attribute) and dotted(node) == name
    ]


def _multiplied_from_left(source: Source, node: cst.CSTNode) -> bool:
    """Whether a weight stands left of a matrix product, transposed right of it, or in ``linear``."""
    parent = source.parents[node]
    flipped = isinstance(parent, cst.Attribute) and parent.attr.value in {"t", "T", "mT"}
    if flipped:
        node, parent = parent, source.parents[parent]
        if isinstance(parent, cst.Call) and parent.func is node:
            node, parent = parent, source.parents[parent]
    if isinstance(parent, cst.BinaryOperation) and isinstance(parent.operator, cst.MatrixMultiply):
        return (parent.left is node) != flipped
    if isinstance(parent, cst.Arg):
        call = source.parents[parent]
        if isinstance(call, cst.Call):
            name, position = dotted(call.func).rpartition(".")[2], list(call.args).index(parent)
            if name == "linear":
                return not flipped
            if name in {"matmul", "mm", "dot"}:
                return (position == 0) != flipped
    return False
