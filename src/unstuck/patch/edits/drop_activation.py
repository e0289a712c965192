"""An activation taken out: of a container, of a class, or around what it is applied to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

import libcst as cst

from unstuck.core.edits import DropActivation
from unstuck.core.recording import Where
from unstuck.patch.edits import activations
from unstuck.patch.text import elements, statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


def drop_activations(files: Files, edits: Sequence[DropActivation]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _drop(files, edit)]


def _drop(files: Files, edit: DropActivation) -> Iterator[Splice]:
    name = edit.function
    found = last_on(files, edit.activation, {name, f"{name}_", activations.module(name)})
    if found is None:
        raise Unpatchable(f"no {name} is visible at {edit.activation}")
    yield from dropped(files, found)


def last_on(files: Files, where: Where, names: AbstractSet[str]) -> Spot | None:
    """Return the call of one of these names that ends last on a line."""
    source = files.source(where.file)
    found = [call for call in calls.on_line(source, where.line) if names & set(calls.names(call))]
    return max(found, key=lambda call: source.span(call.node)[1], default=None)


def dropped(files: Files, activation: Spot) -> Iterator[Splice]:
    """Take an activation out: the module where it is built, or the call of a function or method."""
    node, source = activation.node, activation.source
    assert isinstance(node, cst.Call)
    if not any(name[:1].isupper() for name in calls.names(activation)):
        yield from _unwrapped(source, node)
        return
    parent = source.parents[node]
    if isinstance(parent, cst.Call) and parent.func is node:  # nn.Softmax(dim=1)(x)
        yield from _unwrapped(source, parent)
        return
    found = elements.holder(source, node)
    statement = statements.of(source, node)
    if found is not None and isinstance(source.parents[found[0]], cst.Tuple):
        found = elements.holder(source, source.parents[found[0]]) or found
    if found is not None and isinstance(statement, cst.Expr):
        yield from statements.removed(source, statement)  # layers.append(nn.Sigmoid())
    elif found is not None:
        yield elements.without(source, *found)
    elif isinstance(statement, cst.Assign):
        yield from _named(source, statement)
    else:
        raise Unpatchable(
            f"{source.code(node)} in line {source.lines(node)[0]} cannot be taken out"
        )


def _named(source: Source, statement: cst.Assign) -> Iterator[Splice]:
    """Take out the last call of ``self.sigmoid = nn.Sigmoid()``, and the module if nothing else calls it."""
    name = dotted(statement.targets[0].target)
    owner = source.around(statement, cst.ClassDef) or source.module
    used = [c for c in source.within(owner, cst.Call) if name and dotted(c.func) == name and c.args]
    used.sort(key=lambda call: source.span(call)[1])
    if not used:
        raise Unpatchable(f"no call of {name} is visible")
    yield from _unwrapped(source, used[-1])
    if len(used) == 1 and not statements.only_one(source, statement):
        yield from statements.removed(source, statement)


def _unwrapped(source: Source, node: cst.Call) -> list[Splice]:
    """Leave what the activation was applied to; ``x = torch.sigmoid(x)`` goes as a whole."""
    libraries = {
        "torch",
        "F",
        "nn.functional",
        "torch.nn.functional",
        "functional",
        "special",
        "torch.special",
    }
    method = isinstance(node.func, cst.Attribute) and dotted(node.func.value) not in libraries
    if method and not _takes_rows(node) and isinstance(node.func, cst.Attribute):
        value = node.func.value
    elif node.args:
        value = node.args[0].value
    else:
        raise Unpatchable(f"{source.code(node)} is applied to nothing")
    statement = source.parents[node]
    idle = isinstance(statement, cst.Assign) and source.code(
        statement.targets[0].target
    ) == source.code(value)
    if idle and not statements.only_one(source, statement):
        return statements.removed(source, statement)
    start, end = source.span(node)
    inner = source.span(value)
    kept = isinstance(source.parents[node], cst.Attribute | cst.BinaryOperation | cst.Subscript)
    bare = not isinstance(value, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
    brackets = kept and bare and not value.lpar
    return [
        Splice(source.path, start, inner[0], "(" if brackets else ""),
        Splice(source.path, inner[1], end, ")" if brackets else ""),
    ]


def _takes_rows(node: cst.Call) -> bool:
    """Whether the first argument is what the activation is applied to, rather than ``dim``."""
    first = node.args[0] if node.args else None
    if first is None or first.keyword is not None:
        return False
    return not isinstance(first.value, cst.Integer | cst.UnaryOperation)
