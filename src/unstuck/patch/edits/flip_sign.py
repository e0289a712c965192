"""The sign of a loss: a minus taken out, or put in where there is none."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import FlipSign
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace.files import Files
from unstuck.patch.unpatchable import Unpatchable


def flip_signs(files: Files, edits: Sequence[FlipSign]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _flip(files, edit)]


def _flip(files: Files, edit: FlipSign) -> list[Splice]:
    source = files.source(edit.loss.file)
    statement = statements.at_line(source, edit.loss.line)
    minus = [] if statement is None else _minuses(source, statement)
    if minus:
        return _dropped(source, minus[0])
    if isinstance(statement, cst.Assign | cst.Return) and statement.value is not None:
        value = statement.value
        simple = (
            isinstance(value, cst.Name | cst.Attribute | cst.Call | cst.Subscript) or value.lpar
        )
        before, after = ("-", "") if simple else ("-(", ")")
        return list(wrap(source.path, source.span(value), before, after))
    raise Unpatchable(f"the sign of the loss at {edit.loss} cannot be read off the line")


def _minuses(source: Source, statement: cst.CSTNode) -> list[cst.UnaryOperation]:
    """Return what is negated in a statement, outermost first; a negative number is no minus."""
    return [
        node
        for node in source.within(statement, cst.UnaryOperation)
        if isinstance(node.operator, cst.Minus)
        and not isinstance(node.expression, cst.Integer | cst.Float)
    ]


def _dropped(source: Source, node: cst.UnaryOperation) -> list[Splice]:
    """Take the minus out, and parentheses that held nothing else."""
    statement = source.parents[node]
    idle = (
        isinstance(statement, cst.Assign)
        and source.code(statement.targets[0].target) == source.code(node.expression)
        and not statements.only_one(source, statement)
    )
    if idle:  # loss = -loss
        return statements.removed(source, statement)
    start, end = source.span(node)
    first, last = source.span(node.expression)
    if node.lpar and not isinstance(node.expression, cst.Name | cst.Attribute | cst.Call):
        start, end = start + 1, end - 1
    return [Splice(source.path, start, first, ""), Splice(source.path, last, end, "")]
