"""Another random seed."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import SetSeed
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions, fold
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


def set_seeds(files: Files, edits: Sequence[SetSeed]) -> list[Splice | Demand]:
    """Write every edit of this kind."""
    return [_seed(files, edit) for edit in edits]


def _seed(files: Files, edit: SetSeed) -> Demand:
    source = files.source(edit.seed.file)
    found = calls.on_line(source, edit.seed.line)
    found.sort(key=lambda call: not any("seed" in name for name in calls.names(call)))
    for call in found:
        for argument in _arguments(call):
            ends = definitions.terminals(files, argument)
            if any(isinstance(fold.folded(files, end), int) for end in ends):
                return Demand(argument, fold.folded(files, argument), edit.value)
    if found and _arguments(found[0]):
        return Demand(_arguments(found[0])[0], None, edit.value)
    raise Unpatchable(f"no random seed is set at {edit.seed}")


def _arguments(call: Spot) -> list[Spot]:
    assert isinstance(call.node, cst.Call)
    return [call.at(a.value) for a in call.node.args if not a.star]
