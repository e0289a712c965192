"""Sizes that follow a layer's: the normalisation behind it, the bias that is added to its product."""

from __future__ import annotations

import libcst as cst

from unstuck.patch.text.source import Source
from unstuck.patch.trace import calls, sizes
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.sizes import LAYER, NORM, Sizes
from unstuck.patch.trace.spot import Spot


def of(files: Files, layer: Sizes, outputs: int) -> list[Sizes]:
    """Return the calls that build what must have the layer's number of outputs."""
    names = calls.names(layer.call)
    if names and LAYER.match(names[-1]):
        found = _normalisations(files, layer.call)
    else:
        found = _biases(files, layer.call)
    return [s for s in found if s.worth(files)[1] == outputs]


def _sizes(files: Files, spots: list[Spot]) -> list[Sizes]:
    found = (sizes.of(files, spot, 0, 0) for spot in spots)
    return [s for s in found if s is not None]


def _normalisations(files: Files, layer: Spot) -> list[Sizes]:
    """Return the normalisations behind a layer: by the order of calls in ``forward``, else of the text."""
    source = layer.source
    name = sizes.assigned_name(layer) or ""
    if name.startswith("self.") and isinstance(source.parents[layer.node], cst.Assign):
        after = _called_after(source, layer.node, name)
        spots = [
            Spot(source, c)
            for c in source.all(cst.Call)
            if sizes.assigned_name(Spot(source, c)) in after
        ]
    else:
        holder = source.function(layer.node)
        spots = [Spot(source, c) for c in source.all(cst.Call) if source.function(c) is holder]
        spots = spots[spots.index(layer) + 1 :]
    found: list[Spot] = []
    for spot in spots:
        names = calls.names(spot)
        if names and LAYER.match(names[-1]):
            break
        if names and NORM.match(names[-1]):
            found.append(spot)
    return _sizes(files, found)


def _called_after(source: Source, layer: cst.CSTNode, name: str) -> set[str]:
    """Return the modules that ``forward`` calls behind this one, up to the next layer with weights."""
    owner = source.around(layer, cst.ClassDef)
    inside = source.within(owner, cst.Call) if owner is not None else []
    built = {
        target: calls.names(Spot(source, call))[-1:]
        for call in inside
        if (target := sizes.assigned_name(Spot(source, call))) is not None
    }
    order = sorted((c for c in inside if dotted(c.func) in built), key=lambda c: source.span(c)[1])
    called = [dotted(c.func) for c in order]
    found: set[str] = set()
    for follower in called[called.index(name) + 1 :] if name in called else []:
        if built[follower] and LAYER.match(built[follower][0]):
            break
        found.add(follower)
    return found


def _biases(files: Files, weight: Spot) -> list[Sizes]:
    """Return the vectors that are added to a product with this weight."""
    source = weight.source
    name = sizes.assigned_name(weight)
    added: set[str] = set()
    for node in source.all(cst.BinaryOperation):
        if isinstance(node.operator, cst.Add) and name is not None:
            for product, term in ((node.left, node.right), (node.right, node.left)):
                if _multiplies(source, product, name):
                    added.add(dotted(term))
    for call in source.all(cst.Call):
        arguments = [dotted(a.value) for a in call.args]
        if name in arguments and dotted(call.func).rpartition(".")[2] in {"linear", "addmm"}:
            added.update(arguments)
    made = [
        Spot(source, call)
        for call in source.all(cst.Call)
        if sizes.assigned_name(Spot(source, call)) in added - {"", name}
    ]
    return [s for s in _sizes(files, made) if s.inputs is None]


def _multiplies(source: Source, node: cst.BaseExpression, name: str) -> bool:
    """Whether an expression is a matrix product with this weight."""
    match node:
        case cst.BinaryOperation(left=left, operator=cst.MatrixMultiply(), right=right):
            return name in {dotted(left), dotted(right)}
        case cst.Call(func=func, args=args):
            return dotted(func).rpartition(".")[2] in {"mm", "matmul", "dot"} and name in {
                dotted(a.value) for a in args
            }
    return False
