"""Letting an optimizer step that never does: after the backward pass, or by calling what is only named."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import AddStep
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import assigned, calls
from unstuck.patch.trace.files import Files
from unstuck.patch.unpatchable import Unpatchable


def add_steps(files: Files, edits: Sequence[AddStep]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _add(files, edit)]


def _add(files: Files, edit: AddStep) -> list[Splice]:
    source = files.source(edit.backward.file)
    name = assigned.to(files, edit.optimizer).code
    backward = _backward(source, edit)
    for named in source.all(cst.Expr):
        if source.code(named.value) == f"{name}.step":  # a line with no effect
            end = source.span(named.value)[1]
            return [Splice(source.path, end, end, "()")]
    if not name.startswith("self.") and not _visible(source, backward, name):
        raise Unpatchable(f"{name} is not known where the backward pass is")
    lines = [f"{name}.step()", *([f"{name}.zero_grad()"] if edit.clear else ())]
    return statements.behind(source, _last(source, backward), lines)


def _backward(source: Source, edit: AddStep) -> cst.CSTNode:
    for call in calls.on_line(source, edit.backward.line):
        if "backward" in calls.names(call):
            return statements.of(source, call.node)
    raise Unpatchable(f"there is no backward pass at {edit.backward}")


def _visible(source: Source, at: cst.CSTNode, name: str) -> bool:
    """Whether a name is known in the function of a statement, or in the module around it."""
    return name in source.scope(at)


def _last(source: Source, backward: cst.CSTNode) -> cst.CSTNode:
    """Return the statement after which to step: backward, or the clipping that follows it."""
    block = statements.block(source, backward)
    later = block[block.index(backward) :]
    clips = [one for one in later if "clip_grad" in source.code(one)]
    return clips[-1] if clips else backward
