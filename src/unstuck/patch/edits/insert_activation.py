"""An activation behind layers that have none: in the container, or where the layer is called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import InsertActivation
from unstuck.core.recording import Where
from unstuck.patch.edits import activations
from unstuck.patch.text import elements, statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import calls, definitions, network, sizes
from unstuck.patch.trace.contexts import contexts
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot, Value
from unstuck.patch.unpatchable import Unpatchable

GROWING = frozenset({"append", "add_module"})
"""Methods that put a layer at the end of a container."""


def insert_activations(files: Files, edits: Sequence[InsertActivation]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _insert(files, edit)]


def _insert(files: Files, edit: InsertActivation) -> Iterator[Splice]:
    taken: list[Spot] = []
    for built, called, path in zip(edit.built, edit.called, edit.paths, strict=True):
        layer = _layer(files, built, taken)
        if layer is not None:
            taken.append(layer)
            inside = _in_container(files, edit, layer)
            if inside:
                yield from inside
                continue
        yield from _at_call(files, edit, called, path, layer)


def _layer(files: Files, built: Where | None, taken: Sequence[Spot]) -> Spot | None:
    """Return the call that builds a layer: the next one on its line, the last one again in a loop."""
    if built is None:
        return None
    source = files.source(built.file)
    found = [
        call
        for call in calls.on_line(source, built.line)
        if any(sizes.LAYER.match(name) for name in calls.names(call))
    ]
    found.sort(key=lambda call: source.lines(call.node)[0] != built.line)
    free = [call for call in found if call not in taken]
    return next(iter(free or found[-1:]), None)


def _in_container(files: Files, edit: InsertActivation, layer: Spot) -> list[Splice]:
    """Return the splice that puts the activation behind the layer in its container, if it is in one."""
    source = layer.source
    assert isinstance(layer.node, cst.Call)
    text = activations.built(source, edit.activation, layer.node.func)
    found = elements.holder(source, layer.node)
    if found is None:
        return []
    part, beside = found
    around = source.parents[part]
    if isinstance(around, cst.Tuple) and len(beside) == 2:
        return _in_named(source, edit, around, text)
    if _is_called_one_by_one(files, Spot(source, around)):
        return []
    if isinstance(around, cst.Call) and dotted(around.func).rpartition(".")[2] in GROWING:
        return _grown(files, edit, layer, around, text)
    if isinstance(around, cst.List | cst.Tuple) or calls.names(Spot(source, around))[-1:] == (
        "Sequential",
    ):
        return [elements.behind(source, part, text)] if _always(files, edit, layer) else []
    return []


def _is_called_one_by_one(files: Files, holder: Spot) -> bool:
    """Whether the layer is in a ModuleList, whose layers ``forward`` calls itself."""
    source, node = holder.source, holder.node
    ends: Sequence[Value]
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        ends = definitions.terminals(files, holder.at(node.func.value))
    else:
        ends = [holder.at(a) for a in (node, *source.ancestors(node)) if isinstance(a, cst.Call)][
            :1
        ]
    return any(
        isinstance(end, Spot)
        and isinstance(end.node, cst.Call)
        and calls.names(end)[-1:] == ("ModuleList",)
        for end in ends
    )


def _always(files: Files, edit: InsertActivation, layer: Spot) -> bool:
    """Whether every layer that is built by this call is among those that need an activation."""
    return len(contexts(files, layer)) <= _wanted(edit, layer)


def _wanted(edit: InsertActivation, layer: Spot) -> int:
    first, last = layer.source.lines(layer.node)
    return sum(
        where is not None and where.file == layer.source.path and first <= where.line <= last
        for where in edit.built
    )


def _in_named(source: Source, edit: InsertActivation, pair: cst.Tuple, text: str) -> list[Splice]:
    """Insert behind ``("fc1", nn.Linear(4, 2))`` of an OrderedDict."""
    found = elements.holder(source, pair)
    name = pair.elements[0].value
    if found is None or not isinstance(name, cst.SimpleString):
        return []
    quote = name.quote
    return [elements.behind(source, found[0], f"({quote}{_named(edit, name)}{quote}, {text})")]


def _named(edit: InsertActivation, layer: cst.SimpleString) -> str:
    number = re.search(r"\d+$", layer.raw_value)
    return f"{edit.activation}{number.group()}" if number else f"{layer.raw_value}_act"


def _grown(
    files: Files, edit: InsertActivation, layer: Spot, grow: cst.Call, text: str
) -> list[Splice]:
    """Insert behind ``layers.append(nn.Linear(a, b))``; none is left behind the last layer."""
    source = layer.source
    statement = statements.of(source, grow)
    callee = source.code(grow.func)
    first = grow.args[0].value
    named = isinstance(first, cst.SimpleString)
    if named and isinstance(first, cst.SimpleString):
        text = f"{first.quote}{_named(edit, first)}{first.quote}, {text}"
    lines = statements.behind(source, statement, [f"{callee}({text})"])
    if _always(files, edit, layer):
        return lines
    loop = source.around(statement, cst.For)
    if loop is None or not isinstance(grow.func, cst.Attribute) or named:
        raise Unpatchable(f"{layer.code} also builds a layer that needs no activation")
    if not _is_list(files, Spot(source, grow.func.value)):
        raise Unpatchable(f"{layer.code} also builds a layer that needs no activation")
    last = f"{source.code(grow.func.value)}.pop()"
    return [*lines, *statements.behind(source, loop, [last])]


def _is_list(files: Files, spot: Spot) -> bool:
    ends = definitions.terminals(files, spot)
    return any(isinstance(e, Spot) and isinstance(e.node, cst.List) for e in ends)


def _at_call(
    files: Files, edit: InsertActivation, called: Where | None, path: str, layer: Spot | None
) -> Iterator[Splice]:
    """Wrap the call of the layer, or the product with a weight made by hand."""
    if called is None:
        raise Unpatchable(f"it is not known where the layer {path} is called")
    source = files.source(called.file)
    name = activations.function(source, edit.activation)
    here = [k for k, w in enumerate(edit.called) if w == called]
    found = _calls_of(source, called, path, layer) or _products(
        files, source, called, [edit.paths[k] for k in here].index(path)
    )
    if not found:
        yield from _in_loop(files, edit, called, path)
        return
    yield from _wrapped(source, found[0], name)


def _wrapped(source: Source, node: cst.BaseExpression, name: str) -> tuple[Splice, ...]:
    """Call a function on an expression; parentheses that it has become those of the call."""
    start, end = source.span(node)
    if node.lpar and not isinstance(node, cst.Tuple | cst.GeneratorExp):
        return (Splice(source.path, start, start, name),)
    return wrap(source.path, (start, end), f"{name}(", ")")


def _calls_of(
    source: Source, called: Where, path: str, layer: Spot | None
) -> list[cst.BaseExpression]:
    """Return the calls on a line of the attribute or name that holds the layer."""
    attribute = path.rpartition(".")[2]
    held = sizes.assigned_name(layer) if layer is not None else None
    return [
        call.node
        for call in calls.on_line(source, called.line)
        if isinstance(call.node, cst.Call)
        and call.node.args
        and (
            dotted(call.node.func) == held
            or (calls.names(call)[:1] == (attribute,) and not attribute.isdigit())
        )
    ]


def _products(files: Files, source: Source, called: Where, index: int) -> list[cst.BaseExpression]:
    """Return the index-th product on a line in order of evaluation, with the bias added to it."""
    found = [
        run.spot.node
        for node in source.all(cst.BaseExpression)
        if source.lines(node)[0] <= called.line <= source.lines(node)[1]
        and (run := network.product(Spot(source, node))) is not None
    ]
    found.sort(key=lambda node: source.span(node)[1])
    nodes = found[index : index + 1]
    return [_with_bias(source, node) for node in nodes if isinstance(node, cst.BaseExpression)]


def _with_bias(source: Source, node: cst.BaseExpression) -> cst.BaseExpression:
    parent = source.parents[node]
    if isinstance(parent, cst.BinaryOperation) and isinstance(parent.operator, cst.Add):
        return parent
    return node


def _in_loop(files: Files, edit: InsertActivation, called: Where, path: str) -> Iterator[Splice]:
    """Insert behind ``x = layer(x)`` in a loop over the layers, but not behind the last of them."""
    source = files.source(called.file)
    statement = statements.at_line(source, called.line)
    loop = source.around(statement, cst.For) if statement is not None else None
    if not isinstance(statement, cst.Assign) or not isinstance(loop, cst.For):
        raise Unpatchable(f"no call of the layer {path} is visible at {called}")
    name = activations.function(source, edit.activation)
    if isinstance(loop.iter, cst.Subscript) or _another_follows(source, loop):
        yield from _wrapped(source, statement.value, name)
        return
    if not isinstance(loop.target, cst.Name) or not dotted(loop.iter):
        raise Unpatchable(f"no call of the layer {path} is visible at {called}")
    target = source.code(statement.targets[0].target)
    head = f"if {loop.target.value} is not {source.code(loop.iter)}[-1]:"
    line = f"{source.module.default_indent}{target} = {name}({target})"
    yield from statements.behind(source, statement, [head, line])


def _another_follows(source: Source, loop: cst.For) -> bool:
    """Whether a layer is called behind the loop, so that those in the loop are all hidden."""
    function = source.function(loop)
    end = source.span(loop)[1]
    return function is not None and any(
        source.span(call)[0] >= end and call.args and dotted(call.func).startswith("self.")
        for call in source.within(function.body, cst.Call)
    )
