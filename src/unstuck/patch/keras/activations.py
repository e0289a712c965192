"""Other activations: where a layer is told its own, or a layer is nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import DropActivation, ReplaceActivation
from unstuck.core.recording import Where
from unstuck.patch.edits import activations
from unstuck.patch.text import elements, statements
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions, fold
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


def replace_activations(files: Files, edits: Sequence[ReplaceActivation]) -> list[Splice | Demand]:
    """Write every edit of this kind."""
    return [_replaced(files, line, edit.old, edit.new) for edit in edits for line in edit.lines]


def drop_activations(files: Files, edits: Sequence[DropActivation]) -> list[Splice]:
    """Write every edit of this kind."""
    return [s for edit in edits for s in dropped(files, edit.activation, edit.function)]


def _replaced(files: Files, line: Where, old: str, new: str) -> Splice | Demand:
    call, told = found(files, line, old)
    if told is not None:
        if isinstance(fold.folded(files, told), str):
            return Demand(told, old, new)
        return Splice(told.source.path, *told.source.span(told.node), f'"{new}"')
    assert isinstance(call.node, cst.Call)
    name = call.node.func.attr if isinstance(call.node.func, cst.Attribute) else call.node.func
    if isinstance(call.node.func, cst.Name) or call.node.args:
        raise Unpatchable(
            f"the {old} at {line} is a layer of its own, with arguments or imported by name"
        )
    return Splice(call.source.path, *call.source.span(name), activations.module(new))


def dropped(files: Files, line: Where, old: str) -> Iterator[Splice]:
    """Take an activation out: the argument of a layer, or a layer that is nothing else."""
    call, told = found(files, line, old)
    alone = told is None or calls.names(call)[-1:] == ("Activation",)
    if not alone and told is not None:
        part = told.source.parents[told.node]
        assert isinstance(part, cst.Arg) and isinstance(call.node, cst.Call)
        index = list(call.node.args).index(part)
        yield without(call, index)
        return
    held = elements.holder(call.source, call.node)
    if held is None:
        raise Unpatchable(f"the {old} at {line} is called by itself")
    part, beside = held
    around = call.source.parents[part]
    if isinstance(around, cst.Call) and dotted(around.func).endswith(".add"):
        yield from statements.removed(call.source, statements.of(call.source, around))
    else:
        yield elements.without(call.source, part, beside)


def without(call: Spot, index: int) -> Splice:
    """Take one argument out of a call."""
    assert isinstance(call.node, cst.Call)
    args, source = call.node.args, call.source
    start, end = source.span(args[index])[0], source.span(args[index].value)[1]
    if index:
        start = source.span(args[index - 1].value)[1]
    elif len(args) > 1:
        end = source.span(args[1])[0]
    return Splice(source.path, start, end, "")


def found(files: Files, line: Where, old: str) -> tuple[Spot, Spot | None]:
    """Return the last call on a line with this activation, and where that is told. Raises Unpatchable."""
    source = files.source(line.file)
    every = [c for c in calls.on_line(source, line.line)]
    starting = [c for c in every if source.lines(c.node)[0] == line.line] or every
    for call in reversed(starting):
        for told in _told(call):
            ends = definitions.terminals(files, told)
            if any(_is(files, end, old) for end in ends):
                return call, told
    for call in reversed(starting):
        if activations.MODULES.get(old) in calls.names(call):
            return call, None
    raise Unpatchable(f"no {old} is visible at {line}")


def _told(call: Spot) -> list[Spot]:
    name = calls.names(call)[-1:]
    place = 1 if name == ("Dense",) else 0 if name == ("Activation",) else None
    given = calls.argument(call, "activation", place)
    return [] if given is None else [given]


def _is(files: Files, end: object, old: str) -> bool:
    if not isinstance(end, Spot):
        return False
    return fold.folded(files, end) == old or dotted(end.node).rpartition(".")[2] == old
