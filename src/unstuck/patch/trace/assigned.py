"""What the object that a line builds is called."""

from __future__ import annotations

import libcst as cst

from unstuck.core.recording import Where
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


def to(files: Files, built: Where) -> Spot:
    """Return the target that a call on this line is assigned to."""
    source = files.source(built.file)
    for call in calls.on_line(source, built.line):
        found = source.parents[call.node]
        if isinstance(found, cst.Assign) and len(found.targets) == 1:
            return call.at(found.targets[0].target)
    raise Unpatchable(f"what is built at {built} is not given a name")
