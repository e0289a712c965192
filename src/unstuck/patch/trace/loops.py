"""The loops around a place of the source, across the calls of the functions that hold it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from unstuck.patch.trace import bindings, definitions
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot

LEVELS = 5
"""Functions between the outermost loop and the place."""


def chains(files: Files, spot: Spot, levels: int = LEVELS) -> Iterator[list[Spot]]:
    """Yield the ways out from the update: itself, the call of its function, the call of that one …"""
    function = spot.source.function(spot.node)
    callers = bindings.callers(files, spot.at(function)) if function and levels else []
    if len(callers) == 1:
        for chain in chains(files, callers[0], levels - 1):
            yield [spot, *chain]
    elif callers:
        every = [[spot, *c] for call in callers for c in chains(files, call, levels - 1)]
        looped = [c for c in every if any(around(s) for s in c[1:])]
        yield from looped[:1] if len(looped) == 1 else [[spot]]
    else:
        yield [spot]


def around(spot: Spot) -> list[cst.For | cst.While]:
    """Return the loops around a node in its own function, innermost first."""
    found: list[cst.For | cst.While] = []
    for outer in spot.source.ancestors(spot.node):
        if isinstance(outer, cst.FunctionDef):
            break
        if isinstance(outer, cst.For | cst.While):
            found.append(outer)
    return found


def networks(files: Files) -> list[Spot]:
    """Return every expression that leads to where a network that is optimised is built."""
    found: list[Spot] = []
    for file in files.known():
        for call in file.all(cst.Call):
            match call.func:
                case cst.Attribute(value=base, attr=cst.Name(value="parameters")):
                    for trail in definitions.trails(files, Spot(file, base)):
                        found += [v for v in trail[1:] if isinstance(v, Spot)]
    return found


def restarts(
    chain: list[Spot], position: int, loop: cst.For | cst.While, built: list[Spot]
) -> bool:
    """Whether each turn of the loop builds a new network: another seed or fold, not another step."""
    inner = {id(s.source.function(s.node)) for s in chain[:position]}
    for spot in built:
        if not isinstance(spot.node, cst.Call):
            continue  # a name that hands the network on builds nothing
        if spot.source is chain[position].source and spot.source.holds(loop, spot.node):
            return True
        if id(spot.source.function(spot.node)) in inner - {id(None)}:
            return True
    return False
