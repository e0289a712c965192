"""Another value for an argument of a call: at the literal that it leads to, or at the call itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import SetArgument
from unstuck.patch.text import statements
from unstuck.patch.text.number import written
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions, fold, members
from unstuck.patch.trace.demand import Demand, same
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


def set_arguments(files: Files, edits: Sequence[SetArgument]) -> list[Splice | Demand]:
    """Write every edit of this kind."""
    return [part for edit in edits for part in _set(files, edit)]


def _set(files: Files, edit: SetArgument) -> Iterator[Splice | Demand]:
    source = files.source(edit.call.file)
    found = calls.to(files, source, edit.call.line, edit.function) or [
        call for call in calls.on_line(source, edit.call.line) if _has(call, edit.keyword)
    ]
    if not found:
        yield from _by_hand(files, edit)
        return
    call = next((c for c in found if _worth(files, c, edit)), found[0])
    given = calls.argument(call, edit.keyword, edit.position)
    if given is not None:
        yield Demand(given, edit.old, edit.value, along=_alternatives(files, call, given))
        return
    inside = _unpacked(files, call, edit)
    if inside is not None:
        yield Demand(inside, edit.old, edit.value)
    else:
        yield calls.added(call, f"{edit.keyword}={written(edit.value)}")


def _has(call: Spot, keyword: str) -> bool:
    assert isinstance(call.node, cst.Call)
    return any(a.keyword is not None and a.keyword.value == keyword for a in call.node.args)


def _worth(files: Files, call: Spot, edit: SetArgument) -> bool:
    """Whether the argument may be what was seen at run time."""
    given = calls.argument(call, edit.keyword, edit.position)
    if given is None or edit.old is None:
        return False
    ends = definitions.terminals(files, given)
    return any(same(fold.folded(files, end), edit.old) for end in ends)


def _unpacked(files: Files, call: Spot, edit: SetArgument) -> Spot | None:
    """Return the argument among dictionaries that are unpacked into the call."""
    for options in calls.unpacked(call):
        inside = [v for v in members.items(files, options, edit.keyword) if isinstance(v, Spot)]
        if len(inside) == 1:
            return inside[0]
        if not definitions.terminals(files, options) or not inside:
            ends = definitions.terminals(files, options)
            if not all(isinstance(e, Spot) and isinstance(e.node, cst.Dict) for e in ends):
                raise Unpatchable(
                    f"{edit.keyword} may be among {options.code}, which is unpacked into the call of "
                    f"{edit.function} at {edit.call}"
                )
    return None


def _alternatives(files: Files, call: Spot, given: Spot) -> tuple[Spot, ...]:
    """Return the same argument of calls that could stand in this one's place.

    ``Adam(net.parameters(), lr=lr) if adam else SGD(net.parameters(), lr=lr)``: both take one rate.
    """
    assert isinstance(call.node, cst.Call)
    first = call.source.code(call.node.args[0].value)
    return tuple(
        call.at(a.value)
        for other in call.source.all(cst.Call)
        if other is not call.node and other.args and call.source.code(other.args[0].value) == first
        for a in other.args[1:]
        if call.source.code(a.value) == given.code
    )


def _by_hand(files: Files, edit: SetArgument) -> Iterator[Demand]:
    """Change a value that stands in arithmetic instead of a call: ``w -= lr * w.grad``.

    Neighbouring updates of the same form take the same value.
    """
    source = files.source(edit.call.file)
    statement = statements.at_line(source, edit.call.line)
    if edit.old is None or statement is None:
        raise Unpatchable(f"there is no call of {edit.function} at {edit.call}")
    near = statements.block(source, statement) if statement is not source.module else []
    updates = [s for s in near if ".grad" in source.code(s)] or [statement]
    demands = [
        Demand(Spot(source, node), edit.old, edit.value)
        for update in updates
        for node in source.within(update, cst.BaseExpression)
        if isinstance(node, cst.Name | cst.Attribute | cst.Subscript | cst.Integer | cst.Float)
        and any(
            same(fold.folded(files, end), edit.old)
            for end in definitions.terminals(files, Spot(source, node))
        )
    ]
    if not demands:
        raise Unpatchable(f"there is no call of {edit.function} at {edit.call}")
    yield from demands
