"""Layers of another size: every number that says so, and the sizes that hang on it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import Resize
from unstuck.core.recording import Where
from unstuck.patch.edits import companions
from unstuck.patch.text import statements
from unstuck.patch.text.splice import Splice, moved
from unstuck.patch.trace import calls, sizes
from unstuck.patch.trace.contexts import contexts
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.sizes import Sizes
from unstuck.patch.trace.spot import EMPTY, Env, Spot
from unstuck.patch.unpatchable import Unpatchable

Found = tuple[Sizes, Env]


def resizes(files: Files, edits: Sequence[Resize]) -> list[Splice | Demand]:
    """Write every edit of this kind; the edits of one network belong together."""
    taken: list[Found] = []
    for edit in edits:
        taken.append(_found(files, edit, taken))
    built = {layer.call for layer, _ in taken}
    demands = [d for e, t in zip(edits, taken, strict=True) for d in _demands(files, e, t, taken)]
    for edit, (layer, _) in zip(edits, taken, strict=True):
        for follower in companions.of(files, layer, edit.outputs[0]):
            if follower.call not in built and follower.outputs is not None:
                built.add(follower.call)
                demands.append(Demand(follower.outputs, *edit.outputs, "size"))
    return list(demands)


def found(files: Files, edit: Resize) -> Sizes:
    """Return the call that builds the layer, with the expressions for its sizes."""
    return _found(files, edit, [])[0]


def _found(files: Files, edit: Resize, taken: Sequence[Found]) -> Found:
    """Return the call that builds the layer, and in which turn: the first that no edit has taken yet.

    Layers of the same sizes on one line are told apart by their order.
    """
    every = list(_candidates(files, edit))
    free = [f for f in every if not any(f[0].call == t.call and f[1] == e for t, e in taken)]
    wanted = edit.inputs[0], edit.outputs[0]
    for exact in (True, False):
        for found, env in free:
            worth = found.worth(files, env)
            if all(w == x or (w is None and not exact) for w, x in zip(worth, wanted, strict=True)):
                return found, env
            if exact and found.inputs is None and worth[1] == wanted[1]:
                return found, env
    raise Unpatchable(
        f"no call at {edit.built} builds a layer of {wanted[0]} inputs and {wanted[1]} outputs"
    )


def _candidates(files: Files, edit: Resize) -> Iterator[Found]:
    source = files.source(edit.built.file)
    found = calls.to(files, source, edit.built.line, edit.function)
    statement = statements.at_line(source, edit.built.line)
    inside = source.within(statement, cst.Call) if statement is not None and not found else []
    for call in [*found, *(Spot(source, c) for c in inside)]:
        for part in (Spot(source, c) for c in source.within(call.node, cst.Call)):
            where = sizes.of(files, part, edit.inputs[0], edit.outputs[0])
            if where is not None:
                yield from ((where, env) for env in contexts(files, part) or [EMPTY])
                break


def _demands(files: Files, edit: Resize, found: Found, taken: Sequence[Found]) -> Iterator[Demand]:
    """Yield the demands for both sizes; one that stays is demanded too, so that nothing moves it."""
    layer, env = found
    turns = len(contexts(files, layer.call))
    repeated = turns > sum(other.call == layer.call for other, _ in taken)
    for spot, (old, new) in ((layer.inputs, edit.inputs), (layer.outputs, edit.outputs)):
        if spot is not None:
            yield Demand(spot, old, new, "size", env, repeated=repeated)


def check(files: Files, edits: Sequence[Resize], after: Files, splices: Sequence[Splice]) -> None:
    """Raise `Unpatchable` if the new source does not build the layers in the sizes asked for."""
    for edit in edits:
        path, line = edit.built.file, edit.built.line
        start = files.source(path).starts[line - 1]
        there = after.source(path).line_of(moved(start, (s for s in splices if s.path == path)))
        asked = dataclasses.replace(
            edit,
            built=Where(path, there),
            inputs=(edit.inputs[1], edit.inputs[1]),
            outputs=(edit.outputs[1], edit.outputs[1]),
        )
        _found(after, asked, [])
