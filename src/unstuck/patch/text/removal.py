"""Statements taken out together with the loops and branches that they leave empty."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice


def removed(source: Source, doomed: set[cst.CSTNode]) -> list[Splice]:
    """Take these statements out; ``pass`` stands in for the last one of a function."""
    return [splice for one in _outermost(source, doomed) for splice in _without(source, one)]


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


def _without(source: Source, statement: cst.CSTNode) -> list[Splice]:
    if not statements.only_one(source, statement) or isinstance(
        source.parents.get(source.parents[statement]), cst.Module
    ):
        return statements.removed(source, statement)
    start, end = source.span(statement)
    return [Splice(source.path, start, end, "pass")]
