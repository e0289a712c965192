"""What the script does with predictions: their way into the loss, and where else they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.recording import Where
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.trace import bindings
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.network import Run
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

SHAPE = frozenset({"shape", "size", "dim", "ndim", "device", "dtype", "numel"})
"""Attributes that do not depend on the unit of a prediction."""

HOPS = 6
"""Names between the network and its loss."""

Pair = tuple[Spot, Spot]


def operands(files: Files, run: Run, pair: Pair, loss: Where) -> Pair:
    """Return prediction and target as the training hands them over.

    Where the loss is computed in a function of the user's own that does not run the network, these
    are the arguments of the call that gets the run's prediction.
    """
    function = pair[0].source.function(pair[0].node)
    if function is None or function is run.spot.source.function(run.spot.node):
        return pair
    if run.spot.source is pair[0].source and pair[0].source.holds(function, run.spot.node):
        return pair
    found = []
    for call in bindings.callers(files, pair[0].at(function)):
        given = [_passed(pair[0].source, function, spot, call) for spot in pair]
        if given[0] is None or given[1] is None:
            continue
        if path(run, given[0]) is not None:
            found.append((given[0], given[1]))
    if len(found) != 1:
        raise Unpatchable(
            f"which call of the loss at {loss} belongs to the training is not visible"
        )
    return found[0]


def _passed(source: Source, function: cst.FunctionDef, spot: Spot, call: Spot) -> Spot | None:
    core = spot.node
    while isinstance(core, cst.Call) and isinstance(core.func, cst.Attribute) and not core.args:
        core = core.func.value
    if not isinstance(core, cst.Name):
        return None
    return bindings.passed(source, function, core.value, call)


def path(run: Run, spot: Spot, depth: int = HOPS) -> list[tuple[Spot, cst.CSTNode]] | None:
    """Return the names between a run and an expression, each with the assignment that it reads.

    None where the expression does not come from this run.
    """
    source = spot.source
    if source is not run.spot.source:
        return None
    if source.holds(spot.node, run.spot.node):
        return []
    for name in source.within(spot.node, cst.Name) if depth else []:
        bound = _latest(source, name)
        if bound is None or bound.value is None:
            continue
        further = path(run, Spot(source, bound.value), depth - 1)
        if further is not None:
            return [(Spot(source, name), bound), *further]
    return None


def _latest(source: Source, name: cst.Name) -> cst.Assign | cst.AnnAssign | None:
    """Return the assignment to a name that stands last before it in the same function."""
    start = source.span(name)[0]
    before = [a for a in _assignments(source, name) if source.span(a)[1] <= start]
    return before[-1] if before else None


def _assignments(source: Source, name: cst.Name) -> list[cst.Assign | cst.AnnAssign]:
    function = source.function(name)
    found: list[cst.Assign | cst.AnnAssign] = []
    every: list[cst.Assign | cst.AnnAssign] = [*source.all(cst.Assign)]
    for statement in [*every, *source.all(cst.AnnAssign)]:
        targets = (
            [t.target for t in statement.targets]
            if isinstance(statement, cst.Assign)
            else [statement.target]
        )
        named = any(isinstance(t, cst.Name) and t.value == name.value for t in targets)
        if named and source.function(statement) is function:
            found.append(statement)
    return sorted(found, key=lambda statement: source.span(statement)[0])


def readers(
    run: Run, way: list[tuple[Spot, cst.CSTNode]], prediction: Spot, loss: Where
) -> list[Spot]:
    """Return where the run's prediction is read by anything but the loss and the way there."""
    source = run.spot.source
    taken = {spot.node for spot, _ in way}
    line = statements.of(source, prediction.node)
    found: dict[Spot, None] = {}
    for spot, bound in way:
        assert isinstance(spot.node, cst.Name)
        for node in _reads(source, spot.node, bound):
            if node not in taken and not source.holds(line, node) and not shape_only(source, node):
                found[Spot(source, node)] = None
    return list(found)


def _reads(source: Source, name: cst.Name, bound: cst.CSTNode) -> Iterator[cst.Name]:
    """Yield the reads of a name between this assignment and the next one."""
    start = source.span(bound)[1]
    later = [source.span(a)[1] for a in _assignments(source, name) if source.span(a)[0] >= start]
    end = min(later, default=len(source.text))
    for node in source.all(cst.Name):
        if node.value != name.value or not start <= source.span(node)[0] < end:
            continue
        parent = source.parents[node]
        keyword = isinstance(parent, cst.Arg) and parent.keyword is node
        attribute = isinstance(parent, cst.Attribute) and parent.attr is node
        if source.function(node) is not source.function(bound) or keyword or attribute:
            continue
        if not isinstance(parent, cst.AssignTarget | cst.Param | cst.Del):
            yield node


def shape_only(source: Source, node: cst.CSTNode) -> bool:
    """Whether only the shape of what has this name is read."""
    parent = source.parents[node]
    if isinstance(parent, cst.Attribute):
        return parent.attr.value in SHAPE
    call = source.parents.get(parent)
    return isinstance(call, cst.Call) and dotted(call.func) in {"len", "type"}


def elsewhere(run: Run, every: Sequence[Run]) -> list[Spot]:
    """Return the other runs of the network, of all. Raises Unpatchable where another training is among them."""
    found = []
    for other in every:
        if other.spot == run.spot or other.spot.source.holds(run.spot.node, other.spot.node):
            continue
        source = other.spot.source
        loop = source.around(other.spot.node, cst.For, cst.While)
        if loop is not None and _trains(source, loop) and not source.holds(loop, run.spot.node):
            raise Unpatchable("the network is trained in more than one place")
        if not shape_only(source, other.spot.node) and not isinstance(
            source.parents[other.spot.node], cst.Expr
        ):
            found.append(other.spot)
    return found


def _trains(source: Source, loop: cst.CSTNode) -> bool:
    return any(
        isinstance(call.func, cst.Attribute) and call.func.attr.value == "backward"
        for call in source.within(loop, cst.Call)
    )
