"""Moving the line that clears gradients in front of the backward pass."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import MoveClear
from unstuck.patch.text import statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files
from unstuck.patch.unpatchable import Unpatchable

ABOUT_CLEARING = re.compile(r"^\s*#.*(grad|zero|clear|reset)", re.IGNORECASE)
"""A comment that goes where the clearing goes."""

IN_PLACE = re.compile(r"\.grad(\.data)?\.(zero_\(\)|fill_\(0\.?\))")
"""Clearing in place, which fails as long as there is no gradient: before the first backward pass."""


def move_clears(files: Files, edits: Sequence[MoveClear]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _move(files, edit)]


def _move(files: Files, edit: MoveClear) -> list[Splice]:
    source = files.source(edit.clear.file)
    clear = _at(source, edit.clear.line, ("zero_grad", "zero_", "fill_"), "grad")
    backward = _at(source, edit.backward.line, ("backward", "grad"), "backward")
    if clear is None or backward is None or edit.clear.file != edit.backward.file:
        raise Unpatchable(f"there is no clearing at {edit.clear} that could go to {edit.backward}")
    if source.function(clear) is not source.function(backward):
        raise Unpatchable(f"the clearing at {edit.clear} is not in the function of {edit.backward}")
    whole = _whole(source, clear, backward)
    lines = _lines(source, clear, whole)
    shared = source.lines(whole)[0] == source.lines(backward)[0]
    comments = _comments(source, whole) if statements.alone(source, whole) else []
    return [
        *statements.before(source, backward, [*comments, *lines], inline=shared),
        *_without(source, whole, len(comments)),
    ]


def _at(source: Source, line: int, methods: tuple[str, ...], word: str) -> cst.CSTNode | None:
    for call in calls.on_line(source, line):
        if set(calls.names(call)) & set(methods):
            return statements.of(source, call.node)
    found = [
        s
        for s in source.all(cst.BaseSmallStatement)
        if source.lines(s)[0] <= line <= source.lines(s)[1] and word in source.code(s)
    ]
    return found[0] if found else None


def _whole(source: Source, clear: cst.CSTNode, backward: cst.CSTNode) -> cst.CSTNode:
    """Return the outermost statement that does nothing but clear: ``for p in ps: p.grad.zero_()``."""
    whole = clear
    while statements.only_one(source, whole):
        around = statements.compound(source, whole)
        if not isinstance(around, cst.For | cst.With | cst.If) or source.holds(around, backward):
            break
        if isinstance(around, cst.If) and isinstance(source.parents[around], cst.If):
            break
        whole = around
    return whole


def _lines(source: Source, clear: cst.CSTNode, whole: cst.CSTNode) -> list[str]:
    """Return the lines to insert, without the indentation that they share."""
    if not statements.alone(source, whole):
        lines = [source.code(whole)]
    else:
        first = source.starts[source.lines(whole)[0] - 1]
        text = source.text[first : source.line_end(statements.last_line(source, whole))]
        white = statements.indent(source, whole)
        lines = [line.removeprefix(white) for line in re.split(r"\r\n?|\n", text.rstrip("\r\n"))]
    if not any("is not None" in line for line in lines):
        lines = [IN_PLACE.sub(".grad = None", line) for line in lines]
    loop = source.around(clear, cst.For)
    if whole is clear and isinstance(loop, cst.For) and _names(source, loop, clear):
        head = f"for {source.code(loop.target)} in {source.code(loop.iter)}:"
        lines = [head, *(source.module.default_indent + line for line in lines)]
    return lines


def _names(source: Source, loop: cst.For, clear: cst.CSTNode) -> bool:
    """Whether the clearing runs over the parameters of this loop."""
    targets = {n.value for n in source.within(loop.target, cst.Name)}
    return bool(targets & {n.value for n in source.within(clear, cst.Name)[:1]})


def _comments(source: Source, whole: cst.CSTNode) -> list[str]:
    """Return the comments directly above that speak of clearing."""
    found: list[str] = []
    line = source.lines(whole)[0] - 1
    while line > 0:
        text = source.text[source.starts[line - 1] : source.line_end(line)].rstrip("\r\n")
        if not ABOUT_CLEARING.match(text):
            break
        found.insert(0, text.strip())
        line -= 1
    return found


def _without(source: Source, whole: cst.CSTNode, comments: int) -> list[Splice]:
    gone = statements.removed(source, whole)
    if not comments:
        return gone
    start = source.starts[source.lines(whole)[0] - 1 - comments]
    return [Splice(source.path, start, gone[0].end, "")]
