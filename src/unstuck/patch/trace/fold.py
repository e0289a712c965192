"""A small constant folder: what an expression must be worth, read off the source alone."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import libcst as cst

import unstuck.patch.trace.definitions as definitions
import unstuck.patch.trace.members as members
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import EMPTY, Const, Env, Spot, Value

LARGEST_POWER = 64
"""Powers beyond it are not computed: nothing in a script is counted by them."""

_BINARY: dict[type[cst.BaseBinaryOp], Callable[[Any, Any], Any]] = {
    cst.Add: operator.add,
    cst.Subtract: operator.sub,
    cst.Multiply: operator.mul,
    cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv,
    cst.Modulo: operator.mod,
    cst.Power: operator.pow,
}

_CALLS: dict[str, Callable[..., Any]] = {
    "int": int,
    "float": float,
    "round": round,
    "abs": abs,
    "max": max,
    "min": min,
    "math.sqrt": math.sqrt,
    "math.ceil": math.ceil,
    "math.floor": math.floor,
    "range": range,
}


class Unfoldable(ValueError):
    """The source alone does not tell the value."""


def folded(files: Files, value: Value, env: Env = EMPTY) -> Any:
    """Return the value, None where the source does not tell it."""
    try:
        return fold(files, value, env)
    except Unfoldable:
        return None


def fold(files: Files, value: Value, env: Env = EMPTY) -> Any:
    """Return the value of an expression; raise `Unfoldable` where it is not one certain constant."""
    if isinstance(value, Const):
        return value.value
    if not isinstance(value, Spot):
        raise Unfoldable("several values side by side")
    literal = literal_value(value.node)
    if literal is not None:
        return literal
    found = files.remembered(("worth", value), lambda: [_followed(files, value, env)], keep=not env)
    if not found:
        raise Unfoldable(f"{value.code} depends on itself")
    return found[0]


def _followed(files: Files, value: Spot, env: Env) -> Any:
    following = definitions.definitions(files, value, env)
    if following:
        found = [fold(files, v, env) for v in following]
        if any(other != found[0] for other in found):
            raise Unfoldable(f"{value.code} has several values")
        return found[0]
    try:
        return _computed(files, value, env)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise Unfoldable(str(error)) from None


def literal_value(node: cst.CSTNode) -> Any:
    """Return the value of a literal, with its sign; None for anything else."""
    match node:
        case cst.Integer() | cst.Float() | cst.SimpleString():
            return node.evaluated_value
        case cst.UnaryOperation(operator=cst.Minus(), expression=inner):
            value = literal_value(inner)
            return -value if isinstance(value, int | float) else None
        case cst.Name(value="True" | "False"):
            return node.value == "True"
    return None


def _computed(files: Files, spot: Spot, env: Env) -> Any:
    match spot.node:
        case cst.BinaryOperation(left=left, operator=sign, right=right):
            a, b = fold(files, spot.at(left), env), fold(files, spot.at(right), env)
            numbers = isinstance(a, int | float) and isinstance(b, int | float)
            if not numbers or (isinstance(sign, cst.Power) and abs(b) > LARGEST_POWER):
                raise Unfoldable(f"{spot.code} is no small number")
            return _BINARY[type(sign)](a, b) if type(sign) in _BINARY else _none(spot)
        case cst.UnaryOperation(operator=cst.Minus(), expression=inner):
            return -fold(files, spot.at(inner), env)
        case cst.List() | cst.Tuple():
            turns = members.elements(files, spot, env)
            return [fold(files, v, env) for v in turns] if turns is not None else _none(spot)
        case cst.Call() as call:
            return _called(files, spot, call, env)
    return _none(spot)


def _called(files: Files, spot: Spot, call: cst.Call, env: Env) -> Any:
    name = dotted(call.func)
    if name == "len" and len(call.args) == 1:
        turns = members.elements(files, spot.at(call.args[0].value), env)
        return len(turns) if turns is not None else _none(spot)
    if name not in _CALLS or any(a.star or a.keyword for a in call.args):
        return _none(spot)
    return _CALLS[name](*(fold(files, spot.at(a.value), env) for a in call.args))


def _none(spot: Spot) -> Any:
    raise Unfoldable(f"{spot.code} is not a constant")
