"""Building the optimizer once, in front of the loop around its update, instead of inside of it."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import HoistOptimizer
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import bindings, calls, loops
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


def hoist_optimizers(files: Files, edits: Sequence[HoistOptimizer]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _hoist(files, edit)]


def _hoist(files: Files, edit: HoistOptimizer) -> list[Splice]:
    built = _built(files, edit)
    chain = next(loops.chains(files, built))
    networks = loops.networks(files)
    for level in range(min(len(chain), 2) - 1, -1, -1):
        around = loops.around(chain[level])
        kept = [one for one in around if not loops.restarts(chain, level, one, networks)]
        if kept and level == 0:
            return _out_of_loop(built, kept[-1])
        if kept:
            return _out_of_function(files, built, chain[1], kept[-1])
    raise Unpatchable(f"no loop is visible around the optimizer that is built at {edit.optimizer}")


def _built(files: Files, edit: HoistOptimizer) -> Spot:
    """Return the statement that builds the optimizer and gives it one name."""
    source = files.source(edit.optimizer.file)
    for call in calls.on_line(source, edit.optimizer.line):
        found = source.parents[call.node]
        if isinstance(found, cst.Assign) and len(found.targets) == 1:
            return Spot(source, found)
    raise Unpatchable(f"the optimizer that is built at {edit.optimizer} is not given a name")


def _out_of_loop(built: Spot, loop: cst.For | cst.While) -> list[Splice]:
    """Put the statement in front of the loop; where it stands there already, take the second out."""
    source, statement = built.source, built.node
    if source.around(statement, cst.BaseCompoundStatement) not in loops.around(built):
        raise Unpatchable(f"whether {_target(built)} is built anew depends on a condition")
    late = [n.value for n in _names(built) if _bound_within(source, loop, n)]
    if late:
        raise Unpatchable(f"the optimizer is built from {late[0]}, which the loop sets")
    gone = _taken_out(source, statement)
    before = [s for s in statements.block(source, loop) if source.span(s) < source.span(loop)]
    if any(source.code(s) == built.code for s in before):
        return gone
    return [*_in_front(source, loop, _lines(source, statement)), *gone]


def _in_front(source: Source, loop: cst.CSTNode, lines: list[str]) -> list[Splice]:
    """Insert lines behind the statement that precedes the loop, else right in front of it."""
    block = statements.block(source, loop)
    index = block.index(loop)
    if index and isinstance(block[index - 1], cst.BaseSmallStatement):
        return statements.behind(source, block[index - 1], lines)
    return statements.before(source, loop, lines)


def _out_of_function(
    files: Files, built: Spot, call: Spot, loop: cst.For | cst.While
) -> list[Splice]:
    """Build the optimizer where its function is called in a loop, and hand it to the function."""
    source, function = built.source, built.source.function(built.node)
    assert function is not None and isinstance(call.node, cst.Call)
    name = _target(built)
    if call.source is not source or bindings.method_of(source, function) is not None:
        raise Unpatchable(f"{name} is built in a function that is called from elsewhere")
    if name in {a.name for a in source.scope(call.node).assignments}:
        raise Unpatchable(f"{name} is the name of something else where {_of(function)} is called")
    text = _handed_in(source, built, function, call)
    if any(_bound_within(source, loop, n) for n in _names(call) if n.value in text):
        raise Unpatchable("the optimizer is built from what the loop around its function sets")
    return [
        *_in_front(source, loop, [text]),
        *_taken_out(source, built.node),
        _parameter(source, function, name),
        calls.added(call, f"{name}={name}" if any(a.keyword for a in call.node.args) else name),
    ]


def _handed_in(source: Source, built: Spot, function: cst.FunctionDef, call: Spot) -> str:
    """Return the statement with the function's parameters as the caller names them."""
    own = {p.name.value for p in function.params.params}
    start, text = source.span(built.node)[0], built.code
    for name in reversed(_names(built)):
        if _bound_within(source, function.body, name):
            raise Unpatchable(f"the optimizer is built from {name.value}, which its function sets")
        if name.value not in own:
            continue
        given = bindings.passed(source, function, name.value, call)
        if given is None:
            raise Unpatchable(f"{name.value} is left to its default where the function is called")
        first, end = (place - start for place in source.span(name))
        text = text[:first] + given.code + text[end:]
    return text


def _parameter(source: Source, function: cst.FunctionDef, name: str) -> Splice:
    """Add a parameter at the end of a function's plain ones."""
    plain = function.params
    odd = plain.kwonly_params or plain.star_kwarg or isinstance(plain.star_arg, cst.Param)
    if odd or not plain.params or any(p.default is not None for p in plain.params):
        raise Unpatchable(f"{_of(function)} takes its arguments in a way that none can be added to")
    last = plain.params[-1]
    end = source.span(last.annotation.annotation if last.annotation else last.name)[1]
    return Splice(source.path, end, end, f", {name}")


def _of(function: cst.FunctionDef) -> str:
    return function.name.value


def _target(built: Spot) -> str:
    assert isinstance(built.node, cst.Assign)
    return built.source.code(built.node.targets[0].target)


def _names(spot: Spot) -> list[cst.Name]:
    """Return the names that a statement or call reads, in order."""
    source = spot.source
    root = spot.node.value if isinstance(spot.node, cst.Assign) else spot.node
    found = []
    for name in source.within(root, cst.Name):
        parent = source.parents[name]
        attribute = isinstance(parent, cst.Attribute) and parent.attr is name
        keyword = isinstance(parent, cst.Arg) and parent.keyword is name
        if not attribute and not keyword:
            found.append(name)
    return found


def _bound_within(source: Source, outer: cst.CSTNode, name: cst.Name) -> bool:
    """Whether a name gets its value inside of a loop or function."""
    inside = source.scope(name)[name.value]
    places = [getattr(a, "node", None) for a in inside]
    return any(node in source.positions and source.holds(outer, node) for node in places if node)


def _lines(source: Source, statement: cst.CSTNode) -> list[str]:
    """Return the lines of a statement without the indentation that they share."""
    white = statements.indent(source, statement)
    return [line.removeprefix(white) for line in source.code(statement).splitlines()]


def _taken_out(source: Source, statement: cst.CSTNode) -> list[Splice]:
    if statements.only_one(source, statement):
        start, end = source.span(statement)
        return [Splice(source.path, start, end, "pass")]
    return statements.removed(source, statement)
