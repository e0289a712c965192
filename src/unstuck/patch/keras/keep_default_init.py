"""The starting values that a layer draws by itself: what tells it others is taken out of its call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import KeepDefaultInit
from unstuck.core.recording import Where
from unstuck.patch.edits.keep_default_init import keep_default_inits as in_torch
from unstuck.patch.keras.activations import without
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files


def keep_default_inits(files: Files, edits: Sequence[KeepDefaultInit]) -> list[Splice]:
    """Write every edit of this kind."""
    found: list[Splice] = []
    for edit in edits:
        told = {line: list(_told(files, line)) for line in edit.lines}
        found += [splice for splices in told.values() for splice in splices]
        rest = tuple(line for line, splices in told.items() if not splices)
        found += in_torch(files, [KeepDefaultInit(rest)]) if rest else []
    return found


def _told(files: Files, line: Where) -> Iterator[Splice]:
    """Take the arguments that name an initializer out of the calls on a line."""
    for call in calls.on_line(files.source(line.file), line.line):
        assert isinstance(call.node, cst.Call)
        named = [
            index
            for index, arg in enumerate(call.node.args)
            if arg.keyword is not None and arg.keyword.value.endswith("_initializer")
        ]
        yield from (without(call, index) for index in named)
