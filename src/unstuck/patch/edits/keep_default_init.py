"""Statements that give layers other starting values, taken out with whatever they leave empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import KeepDefaultInit
from unstuck.core.recording import Where
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace.files import Files
from unstuck.patch.unpatchable import Unpatchable


def keep_default_inits(files: Files, edits: Sequence[KeepDefaultInit]) -> list[Splice]:
    """Write every edit of this kind."""
    lines = [line for edit in edits for line in edit.lines]
    found: list[Splice] = []
    for path in dict.fromkeys(line.file for line in lines):
        source = files.source(path)
        doomed = {_statement(source, line) for line in lines if line.file == path}
        for statement in _outermost(source, doomed):
            found += _removed(source, statement)
    return found


def _statement(source: Source, line: Where) -> cst.CSTNode:
    statement = statements.at_line(source, line.line)
    if not isinstance(statement, cst.Expr | cst.Assign | cst.AugAssign | cst.AnnAssign):
        raise Unpatchable(f"no statement that draws starting values is visible at {line}")
    if isinstance(statement, cst.Assign | cst.AnnAssign) and not _into_a_layer(source, statement):
        raise Unpatchable(f"what {line} assigns is more than a layer's starting values")
    return statement


def _into_a_layer(source: Source, statement: cst.Assign | cst.AnnAssign) -> bool:
    """Whether something is assigned that a layer has of its own: ``layer.weight.data = …``."""
    target = (
        statement.target if isinstance(statement, cst.AnnAssign) else statement.targets[0].target
    )
    name = source.code(target)
    return any(name.endswith(end) for end in (".weight", ".bias", ".weight.data", ".bias.data"))


def _outermost(source: Source, doomed: set[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    """Yield what is to go: a loop or branch as a whole where nothing would be left of its body."""
    while True:
        around = {outer for node in doomed if (outer := _emptied(source, node, doomed))}
        if not around:
            break
        doomed = {n for n in doomed if not any(source.holds(outer, n) for outer in around)} | around
    yield from sorted(doomed, key=lambda node: source.span(node)[0])


def _emptied(source: Source, node: cst.CSTNode, doomed: set[cst.CSTNode]) -> cst.CSTNode | None:
    """Return the loop, branch or ``with`` around a statement if all of its body is to go."""
    outer = statements.compound(source, node)
    if not isinstance(outer, cst.For | cst.If | cst.With | cst.While):
        return None
    if isinstance(outer, cst.If) and (outer.orelse or isinstance(source.parents[outer], cst.If)):
        return None
    if isinstance(outer, cst.For | cst.While) and outer.orelse:
        return None
    return outer if set(statements.flat(outer.body)) <= doomed else None


def _removed(source: Source, statement: cst.CSTNode) -> list[Splice]:
    if not statements.only_one(source, statement) or isinstance(
        source.parents.get(source.parents[statement]), cst.Module
    ):
        return statements.removed(source, statement)
    start, end = source.span(statement)
    return [Splice(source.path, start, end, "pass")]
