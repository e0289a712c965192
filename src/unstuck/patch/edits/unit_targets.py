"""Targets as the loss takes them, where it reads them: 0 and 1, or whole class numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import AsClasses, UnitTargets
from unstuck.patch.edits.match_shapes import compared
from unstuck.patch.text.number import written
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace.files import Files


def unit_targets(files: Files, edits: Sequence[UnitTargets]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _scale(files, edit)]


def _scale(files: Files, edit: UnitTargets) -> Iterator[Splice]:
    _, target = compared(files, edit.loss)
    node, source = target.node, target.source
    simple = isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
    inner = "" if simple else "("
    shift, spread = _number(abs(edit.low)), edit.high - edit.low
    moved = f" {'+' if edit.low < 0 else '-'} {shift}" if edit.low else ""
    before, after = (inner, (")" if inner else "") + moved)
    if spread != 1:
        before, after = f"({before}" if moved else before, after + (")" if moved else "")
        after += f" / {_number(spread)}"
    yield from wrap(source.path, source.span(node), before, after)


def as_classes(files: Files, edits: Sequence[AsClasses]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _classes(files, edit)]


def _classes(files: Files, edit: AsClasses) -> Iterator[Splice]:
    """Take away what made a column of floats of the targets; what did so out of sight is undone."""
    _, target = compared(files, edit.loss)
    source, node = target.source, target.node
    undone: set[str] = set()
    while isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        name = node.func.attr.value
        if name not in {"float", "double", "unsqueeze"} or name in undone:
            break
        undone.add(name)
        node = node.func.value
    start, end = source.span(target.node)
    first, last = source.span(node)
    text = "" if "unsqueeze" in undone else ".squeeze(1)"
    text += "" if {"float", "double"} & undone else ".long()"
    yield Splice(source.path, start, first, "")
    yield Splice(source.path, last, end, text)


def _number(value: float) -> str:
    return written(int(value) if float(value).is_integer() else value)
