"""A tiny term or a clamp around what a logarithm, a root, a quotient or an exponential is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import GuardOperand
from unstuck.patch.text.number import written
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.unpatchable import Unpatchable

SECOND = frozenset({"div", "divide", "true_divide"})
"""Functions of which the second argument is guarded."""

DIVISIONS = SECOND | {"truediv", "rtruediv", "rdiv", "itruediv", "reciprocal"}

ELSEWHERE = ("math.", "np.", "numpy.")
"""Functions of these modules are not torch's."""

TIGHT = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)
"""What a method can be called on as it is."""

SUMS = (*TIGHT, cst.Integer, cst.Float, cst.UnaryOperation)


def guard_operands(files: Files, edits: Sequence[GuardOperand]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _guard(files, edit)]


def _guard(files: Files, edit: GuardOperand) -> Iterator[Splice]:
    source = files.source(edit.line.file)
    found = [*_called(source, edit), *_written(source, edit)]
    if not found:
        raise Unpatchable(f"no {edit.function} is visible at {edit.line}")
    if len(found) > 1 and len(found) != edit.count:
        raise Unpatchable(f"which {edit.function} at {edit.line} is meant cannot be told")
    for node, bare in found:
        yield from _kept(source, node, edit, bare=bare)


def _called(source: Source, edit: GuardOperand) -> Iterator[tuple[cst.BaseExpression, bool]]:
    """Yield what calls on the line are given, and whether as a whole argument."""
    for spot in calls.on_line(source, edit.line.line):
        node = spot.node
        assert isinstance(node, cst.Call)
        if edit.function not in calls.names(spot) or source.lines(node)[0] > edit.line.line:
            continue
        name = dotted(node.func) or ""
        if name.startswith(ELSEWHERE):
            continue
        later = edit.function in SECOND
        method = isinstance(node.func, cst.Attribute) and not _is_torch(name)
        if method and not later:
            assert isinstance(node.func, cst.Attribute)
            yield node.func.value, False
        elif len(node.args) > (index := int(later and not method)):
            yield node.args[index].value, True


def _is_torch(name: str) -> bool:
    return name.split(".")[0] in {"torch", "th"}


def _written(source: Source, edit: GuardOperand) -> Iterator[tuple[cst.BaseExpression, bool]]:
    """Yield the denominators, or the bases of powers, of operators on the line."""
    for node in source.all(cst.BinaryOperation):
        first, last = source.lines(node)
        if not first <= edit.line.line <= last:
            continue
        divides = isinstance(node.operator, cst.Divide) and not _counted(node.right)
        if edit.function in DIVISIONS and divides:
            yield node.right, False
        rooted = isinstance(node.operator, cst.Power) and not isinstance(node.right, cst.Integer)
        if edit.function == "pow" and rooted:
            yield node.left, False


def _counted(node: cst.BaseExpression) -> bool:
    """Whether a denominator is a number of rows, or written as a number."""
    name = node.func if isinstance(node, cst.Call) else node
    last = name.attr.value if isinstance(name, cst.Attribute) else ""
    builtin = isinstance(name, cst.Name) and name.value == "len"
    return isinstance(node, cst.Integer | cst.Float) or builtin or last in {"size", "numel"}


def _kept(
    source: Source, node: cst.BaseExpression, edit: GuardOperand, *, bare: bool
) -> Iterator[Splice]:
    """Write the guard; bare: nothing else binds what stands there, since it is a whole argument."""
    start, end = source.span(node)
    if edit.how != "add":
        bound = {"above": "min", "below": "max"}[edit.how]
        tight = bool(node.lpar) or isinstance(node, TIGHT)
        text = f".clamp({bound}={written(edit.value)})"
        yield from wrap(source.path, (start, end), *(("", text) if tight else ("(", f"){text}")))
        return
    term = f" + {written(edit.value)}"
    sums = isinstance(node, SUMS) or (isinstance(node, cst.BinaryOperation) and _arithmetic(node))
    if node.lpar and sums:  # (1 - p).log(): inside of the parentheses that are there
        yield from wrap(source.path, (start + 1, end - 1), "", term)
    elif bare and sums:
        yield from wrap(source.path, (start, end), "", term)
    elif bare:
        yield from wrap(source.path, (start, end), "(", f"){term}")
    elif sums:
        yield from wrap(source.path, (start, end), "(", f"{term})")
    else:
        yield from wrap(source.path, (start, end), "((", f"){term})")


def _arithmetic(node: cst.BinaryOperation) -> bool:
    """Whether a sum may be continued behind it."""
    kinds = (cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.Power, cst.MatrixMultiply)
    return isinstance(node.operator, kinds)
