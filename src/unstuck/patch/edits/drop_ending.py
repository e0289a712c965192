"""A training loop that goes on to its count: what ends it before that is taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import DropEnding
from unstuck.core.recording import Where
from unstuck.patch.text import removal, statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.unpatchable import Unpatchable

TELLS = frozenset(
    {"print", "info", "debug", "warning", "log", "write", "echo", "close", "set_description"}
)
"""Calls, by their last name, that only tell that the loop ends."""


def drop_endings(files: Files, edits: Sequence[DropEnding]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in dict.fromkeys(edits) for splice in _drop(files, edit)]


def _drop(files: Files, edit: DropEnding) -> Iterator[Splice]:
    if len(edit.lines) != 1:
        every = " and ".join(str(where) for where in edit.lines)
        raise Unpatchable(f"which of the tests at {every} ended the loop is not known")
    (where,) = edit.lines
    source = files.source(where.file)
    found = _test(source, where)
    if isinstance(found, cst.While):
        yield _shortened(source, found, where)
        return
    if found.orelse is not None:
        raise Unpatchable(f"the test at {where} that ends the loop has another branch")
    for statement in statements.flat(found.body):
        if not _only_ends(source, statement):
            code = source.code(statement).partition("\n")[0]
            raise Unpatchable(f"where the loop ends, at {where}, more is done: {code}")
    if isinstance(source.parents.get(found), cst.If):
        yield _branch(source, found)
    else:
        yield from removal.removed(source, {found})


def _test(source: Source, where: Where) -> cst.If | cst.While:
    """Return the ``if`` or ``while`` that begins on a line."""
    for node in source.nodes:
        if isinstance(node, cst.If | cst.While) and source.lines(node)[0] == where.line:
            return node
    raise Unpatchable(f"there is no test that ends the loop at {where}")


def _only_ends(source: Source, statement: cst.CSTNode) -> bool:
    """Whether a statement ends the loop, or tells so, and does nothing else."""
    match statement:
        case cst.Break() | cst.Pass() | cst.Return(value=None):
            return True
        case cst.Return():
            return source.code(statement) == _last(source, statement)
        case cst.Expr(value=cst.Call(func=func)):
            name = func.attr.value if isinstance(func, cst.Attribute) else dotted(func)
            return name in TELLS
    return False


def _last(source: Source, statement: cst.CSTNode) -> str:
    """Return the last statement of the function, which a loop that goes on gets to."""
    function = source.function(statement)
    body = statements.flat(function.body) if isinstance(function, cst.FunctionDef) else []
    return source.code(body[-1]) if body else ""


def _branch(source: Source, branch: cst.If) -> Splice:
    """Take an ``elif`` out: its lines, up to the last one with code."""
    start = source.starts[source.lines(branch)[0] - 1]
    return Splice(source.path, start, source.line_end(statements.last_line(source, branch)), "")


def _shortened(source: Source, loop: cst.While, where: Where) -> Splice:
    """Leave of the conditions of a ``while`` those that compare what the loop counts."""
    counters = {
        dotted(one.target)
        for one in source.within(loop.body, cst.AugAssign)
        if one in statements.flat(loop.body)
    }
    counters -= {
        dotted(target.target)
        for one in source.within(loop.body, cst.Assign)
        for target in one.targets
    }
    parts = list(_parts(loop.test))
    kept = [one for one in parts if _counts(one, counters)]
    if not kept or len(kept) == len(parts):
        raise Unpatchable(f"which condition of the loop at {where} counts its turns is not visible")
    start, end = source.span(loop.test)
    return Splice(source.path, start, end, " and ".join(source.code(one) for one in kept))


def _parts(test: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        yield from _parts(test.left)
        yield from _parts(test.right)
    else:
        yield test


def _counts(test: cst.BaseExpression, counters: set[str]) -> bool:
    """Whether a condition compares a counter, on either side."""
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    return bool({dotted(test.left), dotted(test.comparisons[0].comparator)} & counters - {""})
