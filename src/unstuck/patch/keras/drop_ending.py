"""Training that goes on: the callback that ends it is taken out of those that ``fit`` is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import DropEnding
from unstuck.core.recording import Where
from unstuck.patch.edits.drop_ending import drop_endings as in_loop
from unstuck.patch.text import elements
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

NAME = "EarlyStopping"


def drop_endings(files: Files, edits: Sequence[DropEnding]) -> list[Splice]:
    """Write every edit of this kind."""
    found: list[Splice] = []
    for edit in edits:
        built = [c for line in edit.lines for c in _built(files, line)]
        found += (
            [s for call in built for s in _out(files, call)] if built else in_loop(files, [edit])
        )
    return found


def _built(files: Files, line: Where) -> list[Spot]:
    return calls.to(files, files.source(line.file), line.line, NAME)


def _out(files: Files, call: Spot) -> Iterator[Splice]:
    """Take a callback out of every list that holds it, itself or by its name."""
    held = elements.holder(call.source, call.node)
    if held is not None and isinstance(held[0], cst.BaseElement):
        yield elements.without(call.source, *held)
        return
    found = False
    for name in call.source.all(cst.Name):
        spot = call.at(name)
        held = elements.holder(call.source, name)
        if held is None or not isinstance(held[0], cst.BaseElement):
            continue
        if definitions.terminals(files, spot) == [call]:
            found = True
            yield elements.without(call.source, *held)
    if not found:
        raise Unpatchable("the list of callbacks that ends the training early is not visible")
