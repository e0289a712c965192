"""Another function, or another module, called by its name in the way that the old one was."""

from __future__ import annotations

from collections.abc import Sequence

from unstuck.core.edits import RenameCall
from unstuck.patch.edits.rename import renamed
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files
from unstuck.patch.unpatchable import Unpatchable


def rename_calls(files: Files, edits: Sequence[RenameCall]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _rename(files, edit)]


def _rename(files: Files, edit: RenameCall) -> list[Splice]:
    for where in edit.lines:
        for call in calls.on_line(files.source(where.file), where.line):
            for old, new in edit.names:
                if old in calls.names(call):
                    return list(renamed(call, old, new))
    wanted = " or ".join(old for old, _ in edit.names)
    raise Unpatchable(f"no {wanted} is visible at {edit.lines[0]}")
