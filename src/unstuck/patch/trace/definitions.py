"""Where an expression takes its value from, one hop away or to the end of the trail.

Only what can be read off the source is followed: assignments, parameters and their callers, imports
of the user's own files, attributes, items of literals, command-line defaults.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

import unstuck.patch.trace.bindings as bindings
import unstuck.patch.trace.members as members
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import EMPTY, Env, Spot, Value

DEPTH = 25
"""Hops after which a trail is given up: longer ones are loops that lead back to themselves."""

CASTS = frozenset({"float", "int", "field", "Field", "Option", "Argument"})
"""Calls that hand on their first argument or default: casts and declarations of fields."""


def definitions(files: Files, spot: Spot, env: Env = EMPTY) -> list[Value]:
    """Return the values that this expression may take, one hop away; none where it is its own end."""
    return files.remembered(spot, lambda: _definitions(files, spot, env), keep=not env)


def _definitions(files: Files, spot: Spot, env: Env) -> list[Value]:
    node = spot.node
    match node:
        case cst.Name():
            return bindings.of_name(files, spot, env)
        case cst.Attribute():
            return members.of_attribute(files, spot, env)
        case cst.Subscript():
            return members.of_item(files, spot, env)
        case cst.Call():
            return _of_call(files, spot, env)
        case cst.IfExp():
            return [spot.at(node.body), spot.at(node.orelse)]
        case cst.BooleanOperation(operator=cst.Or()):
            return [spot.at(node.left), spot.at(node.right)]
        case cst.NamedExpr():
            return [spot.at(node.value)]
    return []


def terminals(files: Files, value: Value, env: Env = EMPTY, depth: int = DEPTH) -> list[Value]:
    """Return the ends of every trail from this value: literals, displays, calls, classes."""
    if not isinstance(value, Spot):
        return [value]
    found: dict[Value, None] = {}
    for trail in trails(files, value, env, depth):
        found[trail[-1]] = None
    return list(found)


def trails(
    files: Files, spot: Spot, env: Env = EMPTY, depth: int = DEPTH
) -> Iterator[tuple[Value, ...]]:
    """Yield the ways from an expression to the ends of its trail, both included; one for each end."""
    stack: list[tuple[Value, ...]] = [(spot,)]
    seen: set[Value] = {spot}
    while stack:
        trail = stack.pop()
        last = trail[-1]
        further = (
            definitions(files, last, env) if isinstance(last, Spot) and len(trail) < depth else []
        )
        fresh = [value for value in further if value not in seen]
        seen.update(fresh)
        stack.extend((*trail, value) for value in reversed(fresh))
        if not further or (not fresh and set(further) <= set(trail)):
            yield trail


def _of_call(files: Files, spot: Spot, env: Env) -> list[Value]:
    call = spot.node
    assert isinstance(call, cst.Call)
    name = dotted(call.func).rpartition(".")[2]
    if name in CASTS:
        given = [a for a in call.args if a.keyword and a.keyword.value == "default"]
        positional = [a for a in call.args if a.keyword is None and not a.star]
        return [spot.at(a.value) for a in (given or positional)[:1]]
    if isinstance(call.func, cst.Attribute) and name == "get":
        return members.of_get(files, spot, env)
    if not isinstance(call.func, cst.Name):
        return []
    found: list[Value] = []
    for target in terminals(files, spot.at(call.func), env):
        if isinstance(target, Spot) and isinstance(target.node, cst.FunctionDef):
            found += [
                target.at(result.value)
                for result in target.source.within(target.node.body, cst.Return)
                if result.value and target.source.function(result) is target.node
            ]
    return found
