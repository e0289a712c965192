"""Elements of a call or a display: putting one in, taking one out, in the layout that is there."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice

Part = cst.Arg | cst.BaseElement


def holder(source: Source, node: cst.CSTNode) -> tuple[Part, Sequence[Part]] | None:
    """Return the element that a node is the value of, and all elements beside it."""
    part = source.parents[node]
    if not isinstance(part, cst.Arg | cst.BaseElement):
        return None
    around = source.parents[part]
    if isinstance(around, cst.Call):
        return part, around.args
    if isinstance(around, cst.List | cst.Tuple):
        return part, around.elements
    return None


def behind(source: Source, part: Part, text: str) -> Splice:
    """Insert an element behind another: on a line of its own where the other has one."""
    end = source.span(part.value)[1]
    if isinstance(part.comma, cst.Comma):
        end = source.text.index(",", end) + 1
    own = _own_line(source, part)
    if own is None:
        comma = isinstance(part.comma, cst.Comma)
        return Splice(source.path, end, end, f" {text}," if comma else f", {text}")
    if not isinstance(part.comma, cst.Comma):
        return Splice(source.path, end, end, f",{source.newline}{own}{text}")
    line = source.line_of(end)
    if _only_comment(source.text[end : source.line_end(line)]):
        end = source.line_end(line)
        return Splice(source.path, end, end, f"{own}{text},{source.newline}")
    return Splice(source.path, end, end, f" {text},")


def without(source: Source, part: Part, parts: Sequence[Part]) -> Splice:
    """Take an element out: its lines where it has them to itself, else its text and one comma."""
    start, end = source.span(part.value)
    index = list(parts).index(part)
    own = _own_line(source, part)
    behind_comma = source.text.index(",", end) + 1 if isinstance(part.comma, cst.Comma) else end
    rest = source.text[behind_comma : source.line_end(source.line_of(behind_comma))]
    if own is not None and isinstance(part.comma, cst.Comma) and _only_comment(rest):
        first = source.starts[source.line_of(start) - 1]
        return Splice(source.path, first, source.line_end(source.line_of(behind_comma)), "")
    if index + 1 < len(parts):
        return Splice(source.path, start, source.span(parts[index + 1].value)[0], "")
    if index:
        start = source.span(parts[index - 1].value)[1]
    return Splice(source.path, start, end, "")


def _own_line(source: Source, part: Part) -> str | None:
    """Return the white space in front of an element that stands first on its line."""
    start = source.span(part)[0]
    before = source.text[source.starts[source.line_of(start) - 1] : start]
    return before if not before.strip() else None


def _only_comment(text: str) -> bool:
    return not text.strip() or text.strip().startswith("#")
