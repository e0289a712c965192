"""Prediction and target of one shape, where the loss compares them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import MatchShapes
from unstuck.core.recording import Where
from unstuck.patch.text import discarded, statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import bindings, calls, definitions, network
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot, Value
from unstuck.patch.unpatchable import Unpatchable

LOSS = re.compile(
    r"loss|criterion|crit\b|mse|bce|cross_entropy|objective|huber|l1\b", re.IGNORECASE
)
"""Callees that compare a prediction with a target."""

HOPS = 3
"""Names that are followed from the loss to the difference that it is made of."""

FLATTENS = frozenset(
    {("squeeze", ()), ("squeeze", ("1",)), ("squeeze", ("-1",)), ("squeeze", ("dim=1",))}
    | {("squeeze", ("dim=-1",)), ("view", ("-1",)), ("reshape", ("-1",))}
    | {("flatten", ()), ("ravel", ())}
)
"""Methods, and what they are given, that make a row of a column."""

STANDS = frozenset(
    {("unsqueeze", ("1",)), ("unsqueeze", ("-1",)), ("unsqueeze", ("dim=1",))}
    | {("unsqueeze", ("dim=-1",)), ("view", ("-1", "1")), ("reshape", ("-1", "1"))}
)
"""Methods, and what they are given, that make a column of a row."""

Pair = tuple[Spot, Spot]


def match_shapes(files: Files, edits: Sequence[MatchShapes]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _match(files, edit)]


def _match(files: Files, edit: MatchShapes) -> tuple[Splice, ...]:
    prediction, target = compared(files, edit.loss)
    idle = _idle(prediction, edit.prediction, edit.target) or _idle(
        target, edit.target, edit.prediction
    )
    if idle is not None:
        return (idle,)
    if edit.prediction == (*edit.target, 1):
        return method(prediction, ".squeeze(-1)")
    if edit.target == (*edit.prediction, 1):
        return method(target, ".squeeze(-1)")
    if isinstance(prediction.node, cst.Name):
        return method(target, f".view_as({prediction.code})")
    sizes = ", ".join(map(str, (-1, *edit.prediction[1:])))
    return method(target, f".reshape({sizes})")


def _idle(spot: Spot, shape: tuple[int, ...], wanted: tuple[int, ...]) -> Splice | None:
    """Keep what a statement before the loss makes of this variable, where that has the wanted shape."""
    source = spot.source
    if not isinstance(spot.node, cst.Name):
        return None
    line = statements.of(source, spot.node)
    fits = FLATTENS if shape == (*wanted, 1) else STANDS if wanted == (*shape, 1) else frozenset()
    for statement, method, given in discarded.reshaped(source, spot.node.value):
        beside = source.function(statement) is source.function(line)
        before = source.span(statement)[0] < source.span(line)[0]
        if (method, given) in fits and len(wanted) <= 2 and beside and before:
            return discarded.kept(source, statement, spot.node.value)
    return None


def method(spot: Spot, text: str) -> tuple[Splice, ...]:
    """Call a method on an expression, in parentheses where it needs them."""
    source, node = spot.source, spot.node
    simple = isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
    bare = isinstance(node, cst.BaseExpression) and not node.lpar and not simple
    before, after = ("(", f"){text}") if bare else ("", text)
    return wrap(source.path, source.span(node), before, after)


def compared(files: Files, loss: Where) -> Pair:
    """Return the prediction and the target that the loss on this line compares, as they are written."""
    source = files.source(loss.file)
    for call in calls.on_line(source, loss.line):
        found = _arguments(files, call)
        if found is not None:
            return _ordered(files, found)
    statement = statements.at_line(source, loss.line)
    found = next(_differences(files, source, statement), None) if statement is not None else None
    if found is None:
        raise Unpatchable(f"no loss that compares two tensors is visible at {loss}")
    return _ordered(files, found)


def _arguments(files: Files, call: Spot) -> Pair | None:
    """Return input and target of a loss function or module."""
    node = call.node
    assert isinstance(node, cst.Call)
    name = dotted(node.func) or call.source.code(node.func)
    if not LOSS.search(name) and not _is_loss(files, call.at(node.func)):
        return None
    prediction = calls.argument(call, "input", 0)
    target = calls.argument(call, "target", 1)
    return (prediction, target) if prediction is not None and target is not None else None


def _is_loss(files: Files, callee: Spot) -> bool:
    """Whether a callee is visibly a loss module: ``f = nn.MSELoss()``."""
    return any(
        isinstance(end, Spot)
        and isinstance(end.node, cst.Call)
        and dotted(end.node.func).endswith("Loss")
        for end in definitions.terminals(files, callee)
    )


def _differences(
    files: Files, source: Source, statement: cst.CSTNode, depth: int = HOPS
) -> Iterator[Pair]:
    """Yield the operands of differences in a statement, or of those that its names stand for."""
    for node in source.within(statement, cst.BinaryOperation):
        numbers = any(isinstance(s, cst.Integer | cst.Float) for s in (node.left, node.right))
        if isinstance(node.operator, cst.Subtract) and not numbers:
            yield Spot(source, node.left), Spot(source, node.right)
    for call in source.within(statement, cst.Call):
        minus = dotted(call.func).rpartition(".")[2] in {"sub", "subtract", "dist"}
        if minus and len(call.args) == 2:
            yield Spot(source, call.args[0].value), Spot(source, call.args[1].value)
    for name in source.within(statement, cst.Name) if depth else []:
        for value in bindings.of_name(files, Spot(source, name)):
            inner = _earlier(statement, value, source)
            if inner is not None:
                yield from _differences(files, source, inner, depth - 1)


def _earlier(statement: cst.CSTNode, value: Value, source: Source) -> cst.CSTNode | None:
    """Return another statement of the same function that computes this value."""
    if not isinstance(value, Spot) or value.source is not source:
        return None
    inner = statements.of(source, value.node)
    near = inner is not statement and source.function(inner) is source.function(statement)
    return inner if near and isinstance(value.node, cst.BinaryOperation | cst.Call) else None


def _ordered(files: Files, pair: Pair) -> Pair:
    """Return prediction and target; the prediction is the one that comes from a network."""
    first, second = pair
    if _predicts(files, second) and not _predicts(files, first):
        return second, first
    return first, second


def _predicts(files: Files, spot: Spot, depth: int = HOPS) -> bool:
    """Whether an expression holds a run of a network, or a name for one."""
    source = spot.source
    for node in source.within(spot.node, cst.BaseExpression):
        inner = Spot(source, node)
        if network.product(inner) is not None:
            return True
        run = network.called(files, inner) if isinstance(node, cst.Call) else None
        if run and (network.is_module(files, run) or run.name in network.trained(source)):
            return True
        values = bindings.of_name(files, inner) if isinstance(node, cst.Name) and depth else []
        if any(
            isinstance(v, Spot) and v != spot and _predicts(files, v, depth - 1) for v in values
        ):
            return True
    return False
