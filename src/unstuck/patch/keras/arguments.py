"""Arguments of layers: the activation, the number of units, how weights are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from unstuck.core.edits import InsertActivation
from unstuck.core.recording import Where
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

WEIGHTED = re.compile(
    r"^(Dense|EinsumDense|Conv\w*|Convolution\w*|SeparableConv\w*|DepthwiseConv\w*)$"
)
"""Layers that take an activation."""


def layer(files: Files, built: Where | None, taken: Sequence[Spot], path: str) -> Spot:
    """Return the call that builds a layer: the next one on its line, the last one again in a loop."""
    if built is None:
        raise Unpatchable(f"where the layer {path} is built is not visible")
    source = files.source(built.file)
    found = [
        call
        for call in calls.on_line(source, built.line)
        if any(WEIGHTED.match(name) for name in calls.names(call))
    ]
    starting = [call for call in found if source.lines(call.node)[0] == built.line] or found
    free = [call for call in starting if call not in taken]
    if not starting:
        raise Unpatchable(f"no call at {built} builds the layer {path}")
    return (free or starting[-1:])[0]


def with_argument(call: Spot, word: str, text: str, position: int | None = None) -> Splice:
    """Give an argument of a call this text."""
    given = calls.argument(call, word, position)
    if given is None:
        return calls.added(call, f"{word}={text}")
    return Splice(call.source.path, *call.source.span(given.node), text)


def insert_activations(files: Files, edits: Sequence[InsertActivation]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _insert(files, edit)]


def _insert(files: Files, edit: InsertActivation) -> Iterator[Splice]:
    taken: list[Spot] = []
    for built, path in zip(edit.built, edit.paths, strict=True):
        call = layer(files, built, taken, path)
        taken.append(call)
        position = 1 if "Dense" in calls.names(call) else None
        yield with_argument(call, "activation", f'"{edit.activation}"', position)
