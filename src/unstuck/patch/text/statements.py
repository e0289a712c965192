"""Whole statements: finding them, putting lines before and behind them, taking them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import libcst as cst

from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice

Compound = cst.BaseCompoundStatement


def at_line(source: Source, line: int) -> cst.CSTNode | None:
    """Return the innermost statement that covers this line (the first where several share it)."""
    found = [
        (source.lines(node)[1] - source.lines(node)[0], isinstance(node, Compound), index, node)
        for index, node in enumerate(source.nodes)
        if isinstance(node, cst.BaseSmallStatement | Compound)
        and source.lines(node)[0] <= line <= source.lines(node)[1]
    ]
    return min(found, key=lambda entry: entry[:3])[3] if found else None


def of(source: Source, node: cst.CSTNode) -> cst.CSTNode:
    """Return the statement that a node belongs to: a small one, or the compound whose header it is in."""
    for candidate in (node, *source.ancestors(node)):
        if isinstance(candidate, cst.BaseSmallStatement | Compound):
            return candidate
    return source.module


def indent(source: Source, statement: cst.CSTNode) -> str:
    """Return the white space in front of the statement's line."""
    line = source.text[source.starts[source.lines(statement)[0] - 1] :]
    return line[: len(line) - len(line.lstrip(" \t\f"))]


def starts_line(source: Source, statement: cst.CSTNode) -> bool:
    """Whether nothing stands before the statement on its line."""
    start = source.span(statement)[0]
    return not source.text[source.starts[source.line_of(start) - 1] : start].strip()


def alone(source: Source, statement: cst.CSTNode) -> bool:
    """Whether the statement has its lines to itself: no ``;``, no header of a loop in front of it."""
    holder = source.parents.get(statement)
    if isinstance(holder, cst.SimpleStatementLine):
        return len(holder.body) == 1
    return not isinstance(holder, cst.SimpleStatementSuite)


def before(
    source: Source, statement: cst.CSTNode, lines: Sequence[str], *, inline: bool = False
) -> list[Splice]:
    """Insert lines (without indentation) in front of a statement; inline: on its own line."""
    if inline or not starts_line(source, statement):
        start = source.span(statement)[0]
        return [Splice(source.path, start, start, "".join(f"{_inline(lines)}; "))]
    start = source.starts[source.lines(statement)[0] - 1]
    white = indent(source, statement)
    text = "".join(f"{white}{line}{source.newline}" for line in lines)
    return [Splice(source.path, start, start, text)]


def behind(source: Source, statement: cst.CSTNode, lines: Sequence[str]) -> list[Splice]:
    """Insert lines (without indentation) after a statement."""
    if not alone(source, statement):
        end = source.span(statement)[1]
        return [Splice(source.path, end, end, f"; {_inline(lines)}")]
    white = indent(source, statement)
    end = source.line_end(last_line(source, statement))
    if source.text[end - 1 : end] in {"\n", "\r"}:
        text = "".join(f"{white}{line}{source.newline}" for line in lines)
    else:
        text = "".join(f"{source.newline}{white}{line}" for line in lines)
    return [Splice(source.path, end, end, text)]


def _inline(lines: Sequence[str]) -> str:
    return "; ".join(lines)


def last_line(source: Source, statement: cst.CSTNode) -> int:
    """Return the last line with code of a statement, its body included."""
    small = source.within(statement, cst.BaseSmallStatement)
    return max([source.lines(statement)[0], *(source.lines(s)[1] for s in small)])


def removed(source: Source, statement: cst.CSTNode) -> list[Splice]:
    """Take a statement out: its lines, or its part of a line that it shares."""
    holder = source.parents.get(statement)
    if alone(source, statement):
        start = source.starts[source.lines(statement)[0] - 1]
        return [Splice(source.path, start, source.line_end(last_line(source, statement)), "")]
    body = list(cast("cst.SimpleStatementLine", holder).body)
    index = body.index(cast(cst.BaseSmallStatement, statement))
    start, end = source.span(statement)
    if index + 1 < len(body):
        end = source.span(body[index + 1])[0]
    elif index > 0:
        start = source.span(body[index - 1])[1]
    return [Splice(source.path, start, end, "")]


def block(source: Source, statement: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the statements of the block that holds this one, small statements one by one."""
    holder = source.parents[statement]
    if isinstance(holder, cst.SimpleStatementLine):
        holder = source.parents[holder]
    if not isinstance(holder, cst.BaseSuite | cst.Module):
        return [statement]  # an elif stands in its if, not in a block
    return flat(holder)


def flat(body: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the statements of a suite or module, small statements one by one."""
    found: list[cst.CSTNode] = []
    for node in getattr(body, "body", ()):
        found += list(node.body) if isinstance(node, cst.SimpleStatementLine) else [node]
    return found


def only_one(source: Source, statement: cst.CSTNode) -> bool:
    """Whether the statement is the whole body of the compound that holds it."""
    return len(block(source, statement)) == 1


def compound(source: Source, node: cst.CSTNode) -> cst.CSTNode | None:
    """Return the compound statement around a node (loop, branch, with, function, class)."""
    return source.around(node, Compound)
