"""Whether a script speaks Keras, and under which names."""

from __future__ import annotations

import libcst as cst

from unstuck.patch.edits.activations import aliases
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files, modules_of
from unstuck.patch.trace.spot import Spot

ROOTS = ("keras", "tensorflow.keras", "keras.api")


def speaks(files: Files) -> bool:
    """Whether one of the user's files imports Keras."""
    return any(
        name.split(".")[0] == "keras" or ".keras" in name
        for source in files.known()
        for node in source.nodes
        for name, _ in modules_of(node)
    )


def method(source: Source, line: int, *names: str) -> Spot | None:
    """Return the call of a method with one of these names on a line."""
    found = [
        call
        for call in calls.on_line(source, line)
        if isinstance(call.node, cst.Call)
        and isinstance(call.node.func, cst.Attribute)
        and call.node.func.attr.value in names
    ]
    return found[0] if found else None


def named(source: Source, module: str, name: str) -> tuple[str, list[Splice]]:
    """Return how a file calls ``keras.<module>.<name>``, and the import that it lacks for that."""
    for root in ROOTS:
        for direct in aliases(source, f"{root}.{module}.{name}"):
            return direct, []
        for inner in aliases(source, f"{root}.{module}"):
            return f"{inner}.{name}", []
        for whole in aliases(source, root):
            return f"{whole}.{module}.{name}", []
    return name, [_import(source, f"from keras.{module} import {name}")]


def _import(source: Source, line: str) -> Splice:
    """Put an import behind the last one that names Keras."""
    found = [
        node
        for node in source.nodes
        if isinstance(node, cst.Import | cst.ImportFrom)
        and any("keras" in name for name, _ in modules_of(node))
    ]
    end = source.line_end(source.lines(found[-1])[1])
    return Splice(source.path, end, end, f"{line}{source.newline}")
