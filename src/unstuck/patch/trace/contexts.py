"""The circumstances in which a piece of code runs: which caller, which turn of which loop."""

from __future__ import annotations

import libcst as cst

from unstuck.patch.text.source import Source
from unstuck.patch.trace import bindings, members
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import EMPTY, Env, Group, Spot, Value

LEVELS = 4
"""Callers of callers that are looked at."""

MOST = 200
"""Circumstances after which the rest is not looked at."""


def contexts(files: Files, spot: Spot, levels: int = LEVELS) -> list[Env]:
    """Return what parameters and loop variables stand for each time that this place is reached."""
    found: list[Env] = []
    for outer in _calls(files, spot, levels):
        found += _turns(files, spot, outer)
        if len(found) >= MOST:
            break
    return found[:MOST]


def _calls(files: Files, spot: Spot, levels: int) -> list[Env]:
    """Return an environment for each call of the function around."""
    function = spot.source.function(spot.node)
    callers = bindings.callers(files, spot.at(function)) if function and levels else []
    if function is None or not callers:
        return [EMPTY]
    return [
        {**outer, **_parameters(spot.source, function, call)}
        for call in callers
        for outer in contexts(files, call, levels - 1)
    ]


def _parameters(source: Source, function: cst.FunctionDef, call: Spot) -> Env:
    found: dict[cst.CSTNode, Value] = {}
    every = function.params
    for param in (*every.posonly_params, *every.params, *every.kwonly_params):
        given = bindings.passed(source, function, param.name.value, call)
        if given is not None:
            found[param] = given
        elif param.default is not None:
            found[param] = Spot(source, param.default)
    return found


def _turns(files: Files, spot: Spot, outer: Env) -> list[Env]:
    """Return an environment for each turn of the loops around, the outermost loop turning slowest."""
    loops: list[cst.For | cst.CompFor] = []
    child = spot.node
    for around in spot.source.ancestors(spot.node):
        if isinstance(around, cst.FunctionDef):
            break
        if isinstance(around, cst.For) and child is around.body:
            loops.insert(0, around)
        if isinstance(around, cst.BaseComp) and not isinstance(child, cst.CompFor):
            loops.insert(0, around.for_in)
        child = around
    envs = [outer]
    for loop in loops:
        envs = [inner for env in envs for inner in _bound(files, spot.at(loop), env)]
    return envs


def _bound(files: Files, loop: Spot, env: Env) -> list[Env]:
    node = loop.node
    assert isinstance(node, cst.For | cst.CompFor)
    turns = members.elements(files, loop.at(node.iter), env)
    if turns is None:
        return [env]
    return [{**env, **_targets(files, loop.at(node.target), turn, env)} for turn in turns[:MOST]]


def _targets(files: Files, target: Spot, value: Value, env: Env) -> Env:
    if isinstance(target.node, cst.Name):
        return {target.node: value}
    found: dict[cst.CSTNode, Value] = {}
    if isinstance(target.node, cst.Tuple | cst.List):
        for index, element in enumerate(target.node.elements):
            parts = (
                list(value.parts[index : index + 1])
                if isinstance(value, Group)
                else members.pick(files, value, [index], env)
            )
            if len(parts) == 1:
                found.update(_targets(files, target.at(element.value), parts[0], env))
    return found
