"""Statements that give layers other starting values, taken out with whatever they leave empty."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import KeepDefaultInit
from unstuck.core.recording import Where
from unstuck.patch.text import removal, statements
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
        found += removal.removed(source, doomed)
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
