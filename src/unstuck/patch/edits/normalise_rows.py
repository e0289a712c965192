"""Normalisation of each row by itself: LayerNorm, or a GroupNorm of one group, in BatchNorm's place."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import NormaliseRows
from unstuck.core.recording import Where
from unstuck.patch.edits.rename import renamed
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

BATCH_NORM = re.compile(r"^BatchNorm[123]d$")

KEPT = frozenset({"num_features", "eps"})
GONE = frozenset({"momentum", "track_running_stats"})
"""Arguments that mean something for running statistics only."""


def normalise_rows(files: Files, edits: Sequence[NormaliseRows]) -> list[Splice]:
    """Write every edit of this kind."""
    done: dict[Spot, list[Splice]] = {}
    for edit in edits:
        for line, flat in zip(edit.built, edit.flat, strict=True):
            for call, old in _built(files, line):
                done.setdefault(call, _rewritten(call, old, flat))
    return [splice for splices in done.values() for splice in splices]


def _built(files: Files, line: Where) -> list[tuple[Spot, str]]:
    source = files.source(line.file)
    every = [
        (call, name)
        for call in calls.on_line(source, line.line)
        for name in calls.names(call)
        if BATCH_NORM.match(name)
    ]
    starting = [one for one in every if source.lines(one[0].node)[0] == line.line]
    found = list({call: (call, name) for call, name in reversed(starting or every)}.values())
    if not found:
        raise Unpatchable(f"no BatchNorm is visible at {line}")
    return found


def _rewritten(call: Spot, old: str, flat: bool) -> list[Splice]:
    """Rename the call, and hand the other layer those arguments that it has, too."""
    node, source = call.node, call.source
    assert isinstance(node, cst.Call)
    given = [(arg.keyword.value if arg.keyword else "", arg) for arg in node.args]
    positional = sum(not name and not arg.star for name, arg in given)
    unknown = [name for name, _ in given if name and name not in KEPT | GONE]
    if positional > 2 or unknown or any(arg.star for _, arg in given):
        raise Unpatchable(f"{source.code(node)} has arguments that no LayerNorm takes")
    first = next((a for n, a in given if n in {"", "num_features"}), None)
    if first is None:
        raise Unpatchable(f"the number of features is not visible in {source.code(node)}")
    others = [a for n, a in given if a is not first and n not in GONE]
    words = [source.code(first.value)]
    words += [f"eps={source.code(arg.value)}" for arg in others]
    text = ", ".join(words if flat else ["1", *words])
    start = source.span(node.args[0])[0]
    found = renamed(call, old, "LayerNorm" if flat else "GroupNorm")
    if len(given) == 1 and not given[0][0]:
        return found if flat else [*found, Splice(source.path, start, start, "1, ")]
    end = source.span(node.args[-1].value)[1]
    return [*found, Splice(source.path, start, end, text)]
