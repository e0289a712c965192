"""Calls on a line of the source, and their arguments."""

from __future__ import annotations

import libcst as cst
from libcst.metadata import ImportAssignment

from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import bindings
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


def on_line(source: Source, line: int) -> list[Spot]:
    """Return the calls whose text covers this line: those that start on it first, then the shortest.

    Calls that start on the line come in the order of the text.
    """
    found = [c for c in source.all(cst.Call) if source.lines(c)[0] <= line <= source.lines(c)[1]]

    def nearness(call: cst.Call) -> tuple[bool, int]:
        first, last = source.lines(call)
        return first != line, 0 if first == line else last - first

    return [Spot(source, call) for call in sorted(found, key=nearness)]


def to(files: Files, source: Source, line: int, function: str) -> list[Spot]:
    """Return the calls on this line whose callee's last name, or what it was imported as, is `function`."""
    return [spot for spot in on_line(source, line) if function in names(spot)]


def names(spot: Spot) -> tuple[str, ...]:
    """Return the last name of a call's callee, and its name in the module that it is imported from."""
    call = spot.node
    assert isinstance(call, cst.Call)
    if isinstance(call.func, cst.Attribute):
        return (call.func.attr.value,)
    if not isinstance(call.func, cst.Name):
        return ()
    return (call.func.value, *_originals(spot.at(call.func)))


def _originals(name: Spot) -> list[str]:
    """Return the original names of an imported name."""
    assert isinstance(name.node, cst.Name)
    found = []
    for assignment in bindings.assignments(name):
        node = assignment.node if isinstance(assignment, ImportAssignment) else None
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            found += [
                alias.evaluated_name
                for alias in node.names
                if alias.evaluated_alias == name.node.value
            ]
    return found


def argument(call: Spot, keyword: str, position: int | None) -> Spot | None:
    """Return the argument's expression, None where the call leaves it to the default."""
    node = call.node
    assert isinstance(node, cst.Call)
    for given in node.args:
        if given.keyword is not None and given.keyword.value == keyword:
            return call.at(given.value)
    positional = [a for a in node.args if a.keyword is None and a.star != "**"]
    if position is None or position >= len(positional):
        return None
    if any(a.star for a in positional[: position + 1]):
        raise Unpatchable(f"{_name(call)} gets its arguments from a list that is unpacked")
    return call.at(positional[position].value)


def unpacked(call: Spot) -> list[Spot]:
    """Return the dictionaries that are unpacked into the call."""
    node = call.node
    assert isinstance(node, cst.Call)
    return [call.at(a.value) for a in node.args if a.star == "**"]


def added(call: Spot, text: str) -> Splice:
    """Add an argument at the end of a call, in the layout that the call has."""
    node, source = call.node, call.source
    assert isinstance(node, cst.Call)
    close = _closing(call)
    if not node.args:
        start = source.text.index("(", source.span(node.func)[1]) + 1
        return Splice(source.path, start, start, text)
    last = node.args[-1]
    end = source.span(last.value)[1]
    trailing = isinstance(last.comma, cst.Comma)
    own_line = _indent_if_first(source, source.span(last)[0])
    comment = "#" in source.text[end:close]
    if trailing:
        end = source.text.index(",", end) + 1
    if own_line is None or (comment and not trailing):
        before, after = (" ", ",") if trailing and _breaks(source, end, close) else (" ", "")
        return Splice(source.path, end, end, f"{'' if trailing else ','}{before}{text}{after}")
    if comment:
        end = source.line_end(source.line_of(end)) - len(source.newline)
    lead = f"{'' if trailing else ','}{source.newline}{own_line}"
    return Splice(source.path, end, end, f"{lead}{text}{',' if trailing else ''}")


def _closing(call: Spot) -> int:
    """Return the offset of the call's closing bracket."""
    end = call.source.positions[call.node].end
    return call.source.starts[end.line - 1] + end.column - 1


def _breaks(source: Source, start: int, end: int) -> bool:
    return "\n" in source.text[start:end] or "\r" in source.text[start:end]


def _indent_if_first(source: Source, offset: int) -> str | None:
    """Return the white space in front, if nothing else stands before this offset on its line."""
    before = source.text[source.starts[source.line_of(offset) - 1] : offset]
    return before if not before.strip() else None


def _name(call: Spot) -> str:
    assert isinstance(call.node, cst.Call)
    return dotted(call.node.func) or "the call"
