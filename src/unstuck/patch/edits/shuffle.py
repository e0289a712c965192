"""A loader that shuffles: the first batch of it is another one each time."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import Shuffle
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

ORDERED = ("sampler", "batch_sampler")
"""Arguments of a loader that do not go with shuffling."""


def shuffles(files: Files, edits: Sequence[Shuffle]) -> list[Splice]:
    """Write every edit of this kind."""
    return [_shuffled(files, edit) for edit in edits]


def _shuffled(files: Files, edit: Shuffle) -> Splice:
    loader = _loader(files, edit)
    if any(calls.argument(loader, one, None) is not None for one in ORDERED):
        raise Unpatchable("the loader gets its order from a sampler")
    given = calls.argument(loader, "shuffle", 2)
    if given is None:
        return calls.added(loader, "shuffle=True")
    if given.code != "False":
        raise Unpatchable(f"whether the loader shuffles is said by {given.code!r}")
    return Splice(given.source.path, *given.source.span(given.node), "True")


def _loader(files: Files, edit: Shuffle) -> Spot:
    """Return the call that builds the loader."""
    source = files.source(edit.batch.file)
    begun = [call for call in calls.on_line(source, edit.batch.line) if _named(call) == "iter"]
    ends = [
        end
        for call in begun
        if isinstance(call.node, cst.Call) and call.node.args
        for end in definitions.terminals(files, call.at(call.node.args[0].value))
    ]
    built = {end for end in ends if isinstance(end, Spot) and _named(end) == "DataLoader"}
    if len(built) != 1:
        raise Unpatchable(f"which loader gives the batch at {edit.batch} is not visible")
    return built.pop()


def _named(spot: Spot) -> str:
    call = spot.node
    return dotted(call.func).rpartition(".")[2] if isinstance(call, cst.Call) else ""
