"""Another function or class of the same module under a call, its import included."""

from __future__ import annotations

import libcst as cst

from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace.spot import Spot


def renamed(call: Spot, old: str, new: str) -> list[Splice]:
    """Call `new` instead of `old`; a name that is imported by itself is imported under the new name."""
    node, source = call.node, call.source
    assert isinstance(node, cst.Call)
    if isinstance(node.func, cst.Attribute):
        return [Splice(source.path, *source.span(node.func.attr), new)]
    imports = _imports(source, old)
    alias = next((i.asname for i in imports if i.asname is not None), None)
    found = [] if alias is not None else [Splice(source.path, *source.span(node.func), new)]
    used = [n for n in source.all(cst.Name) if n.value == old and _is_use(source, n)]
    for imported in imports:
        span = source.span(imported.name)
        if len(used) > 1 and alias is None:
            found.append(Splice(source.path, span[1], span[1], f", {new}"))
        else:
            found.append(Splice(source.path, *span, new))
    return found


def _imports(source: Source, name: str) -> list[cst.ImportAlias]:
    return [
        alias
        for node in source.all(cst.ImportFrom)
        if not isinstance(node.names, cst.ImportStar)
        for alias in node.names
        if alias.evaluated_name == name
    ]


def _is_use(source: Source, node: cst.Name) -> bool:
    return not isinstance(source.parents[node], cst.ImportAlias | cst.Attribute)
