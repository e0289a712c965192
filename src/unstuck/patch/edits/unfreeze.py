"""Weights that take gradients again: what set ``requires_grad`` to false is taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import Unfreeze
from unstuck.core.recording import Where
from unstuck.patch.text import removal, statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

FLAGS = frozenset({"requires_grad", "trainable"})
"""What torch and Keras call it that weights are learnt."""

FLAG = "requires_grad"

MAKES = frozenset(
    {"randn", "rand", "zeros", "ones", "full", "empty", "tensor", "eye", "normal", "randn_like"}
    | {"rand_like", "zeros_like", "ones_like"}
)
"""Functions of torch that make a bare tensor, and take the flag."""


def unfreezes(files: Files, edits: Sequence[Unfreeze]) -> list[Splice]:
    """Write every edit of this kind."""
    lines = list(dict.fromkeys(where for edit in edits for where in edit.lines))
    found: list[Splice] = []
    for path in dict.fromkeys(where.file for where in lines):
        source = files.source(path)
        doomed: set[cst.CSTNode] = set()
        for where in (one for one in lines if one.file == path):
            statement = statements.at_line(source, where.line)
            if statement is not None and _only_freezes(source, statement):
                doomed.add(statement)
            else:
                found += _within(source, statement, where)
        found += removal.removed(source, doomed)
    return found


def _only_freezes(source: Source, statement: cst.CSTNode) -> bool:
    """Whether a statement does nothing but set the flag, by assignment or by a call."""
    match statement:
        case cst.Assign(targets=targets):
            return all(_is_flag(target.target) for target in targets)
        case cst.Expr(value=cst.Call(func=cst.Name(value="setattr"), args=[_, name, _])):
            return source.code(name.value)[1:-1] in FLAGS
        case cst.Expr(value=cst.Call(func=cst.Attribute(attr=cst.Name(value="requires_grad_")))):
            return True
    return False


def _is_flag(target: cst.BaseExpression) -> bool:
    return isinstance(target, cst.Attribute) and target.attr.value in FLAGS


def _within(source: Source, statement: cst.CSTNode | None, where: Where) -> Iterator[Splice]:
    """Take the flag out of a statement that does more: an argument, or a call in a chain."""
    count = 0
    for call in source.within(statement, cst.Call) if statement is not None else ():
        for splice in _flags(source, call):
            count += 1
            yield splice
    if not count:
        made = _factories(source, statement)
        if len(made) == 1:
            yield calls.added(made[0], f"{FLAG}=True")
            return
        raise Unpatchable(f"what keeps weights from taking gradients is not visible at {where}")


def _factories(source: Source, statement: cst.CSTNode | None) -> list[Spot]:
    """Return the calls that a statement assigns, as they are, that make a bare tensor."""
    values: list[cst.BaseExpression] = []
    if isinstance(statement, cst.Assign):
        given = statement.value
        values = [one.value for one in given.elements] if isinstance(given, cst.Tuple) else [given]
    made = [one for one in values if isinstance(one, cst.Call)]
    return [
        Spot(source, one)
        for one in made
        if dotted(one.func).startswith("torch.") and dotted(one.func)[6:] in MAKES
    ]


def _flags(source: Source, call: cst.Call) -> Iterator[Splice]:
    match call.func:
        case cst.Attribute(value=holder, attr=cst.Name(value="requires_grad_")):
            if any(_is_false(arg) for arg in call.args):
                yield Splice(source.path, source.span(holder)[1], source.span(call)[1], "")
            return
    for index, arg in enumerate(call.args):
        if arg.keyword is not None and arg.keyword.value in FLAGS and _is_false(arg):
            start, end = source.span(arg.keyword)[0], source.span(arg.value)[1]
            if index:
                start = source.span(call.args[index - 1].value)[1]
            elif len(call.args) > 1:
                end = source.span(call.args[1])[0]
            yield Splice(source.path, start, end, "")


def _is_false(arg: cst.Arg) -> bool:
    return isinstance(arg.value, cst.Name) and arg.value.value == "False"
