"""Statements without an effect: a method that is named and not called, a result that is thrown away."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice

SHAPES = frozenset({"squeeze", "unsqueeze", "view", "reshape", "flatten", "ravel"})
"""Methods that return a tensor of another shape, and leave theirs as it is."""


def named(source: Source, method: str) -> Iterator[tuple[cst.Expr, str]]:
    """Yield the statements that only name a method of this name, with what it is a method of."""
    for statement in source.all(cst.Expr):
        match statement.value:
            case cst.Attribute(value=base, attr=cst.Name(value=name)) if name == method:
                yield statement, source.code(base)


def called(source: Source, statement: cst.Expr) -> Splice:
    """Call what a statement only names."""
    end = source.span(statement.value)[1]
    return Splice(source.path, end, end, "()")


def reshaped(source: Source, name: str) -> Iterator[tuple[cst.Expr, str, tuple[str, ...]]]:
    """Yield the statements that give this variable another shape in vain, with method and arguments."""
    for statement in source.all(cst.Expr):
        match statement.value:
            case cst.Call(
                func=cst.Attribute(value=cst.Name(value=base), attr=cst.Name(value=method)),
                args=args,
            ) if method in SHAPES:
                given = tuple(source.code(arg).rstrip(", ") for arg in args)
                if base == name:
                    yield statement, method, given
                elif base == "torch" and given[:1] == (name,):
                    yield statement, method, given[1:]


def kept(source: Source, statement: cst.Expr, name: str) -> Splice:
    """Give a variable the result of a statement that threw it away."""
    start = source.span(statement.value)[0]
    return Splice(source.path, start, start, f"{name} = ")
