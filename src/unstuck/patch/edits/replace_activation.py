"""Another activation: where a module is built, where a function or a method is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import ReplaceActivation
from unstuck.core.recording import Where
from unstuck.patch.edits import activations
from unstuck.patch.edits.rename import renamed
from unstuck.patch.text import elements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, definitions
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

IN_PLACE = frozenset(
    {"ReLU", "LeakyReLU", "ELU", "SELU", "CELU", "SiLU", "Mish", "ReLU6", "Hardtanh"}
)
"""Modules with an ``inplace`` argument."""


def replace_activations(files: Files, edits: Sequence[ReplaceActivation]) -> list[Splice]:
    """Write every edit of this kind."""
    return [s for edit in edits for line in edit.lines for s in _replace(files, edit, line)]


def _replace(files: Files, edit: ReplaceActivation, line: Where) -> Iterator[Splice]:
    source = files.source(line.file)
    every = [call for call in calls.on_line(source, line.line) if _is_old(files, call, edit.old)]
    starting = [call for call in every if source.lines(call.node)[0] == line.line] or every
    inner = [call for call in starting if not _is_output(source, call)]
    if not starting:
        raise Unpatchable(f"no {edit.old} is visible at {line}")
    for call in inner or starting:
        yield from _swapped(files, call, edit)


def _is_old(files: Files, call: Spot, old: str) -> bool:
    names = calls.names(call)
    if old in {n.rstrip("_") for n in names} or activations.MODULES.get(old) in names:
        return True
    return _clamps(call) if old == "relu" and _clamps(call) else bool(_referred(files, call, old))


def _clamps(call: Spot) -> bool:
    """Whether a call is ``h.clamp(min=0)``, ``torch.clamp(h, 0)``, ``h.clamp_min(0)`` or the like."""
    node = call.node
    assert isinstance(node, cst.Call)
    name = dotted(node.func).rpartition(".")[2] or (
        node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    )
    if name not in {"clamp", "clamp_min", "maximum", "max", "clip"}:
        return False
    given = {a.keyword.value if a.keyword else "": call.source.code(a.value) for a in node.args}
    numbers = [a for a in node.args if call.source.code(a.value) in {"0", "0.", "0.0"}]
    return len(numbers) == 1 and "max" not in given and given.get("min", "0") in {"0", "0.", "0.0"}


def _referred(files: Files, call: Spot, old: str) -> list[Spot]:
    """Return where a callee like ``self.act`` names the module: ``act=nn.ReLU``."""
    node = call.node
    assert isinstance(node, cst.Call)
    if node.args or not isinstance(node.func, cst.Name | cst.Attribute):
        return []
    ends = definitions.terminals(files, call.at(node.func))
    wanted = activations.MODULES.get(old)
    return [
        e
        for e in ends
        if isinstance(e, Spot)
        and e.node is not node.func
        and isinstance(e.node, cst.Attribute)
        and e.node.attr.value == wanted
    ]


def _is_output(source: Source, call: Spot) -> bool:
    """Whether the activation is what ``forward`` returns, or the last part of a Sequential."""
    parent = source.parents[call.node]
    if isinstance(parent, cst.Return):
        return True
    found = elements.holder(source, call.node)
    if found is None or found[0] is not found[1][-1]:
        return False
    around = source.parents[found[0]]
    return isinstance(around, cst.List) or (
        isinstance(around, cst.Call) and dotted(around.func).endswith("Sequential")
    )


def _swapped(files: Files, call: Spot, edit: ReplaceActivation) -> Iterator[Splice]:
    node, source = call.node, call.source
    assert isinstance(node, cst.Call)
    old = activations.MODULES.get(edit.old, "")
    if old in calls.names(call):
        yield from _module(source, node, edit)
    elif edit.old in {n.rstrip("_") for n in calls.names(call)} or _clamps(call):
        yield from _function(source, node, edit)
    else:
        for spot in _referred(files, call, edit.old):
            assert isinstance(spot.node, cst.Attribute)
            span = spot.source.span(spot.node.attr)
            yield Splice(spot.source.path, *span, activations.module(edit.new))


def _module(source: Source, node: cst.Call, edit: ReplaceActivation) -> Iterator[Splice]:
    """Rename ``nn.ReLU()``; of its arguments only ``inplace`` means the same elsewhere."""
    new = activations.module(edit.new)
    yield from renamed(Spot(source, node), activations.MODULES[edit.old], new)
    if node.args:
        kept = [
            f"inplace={source.code(a.value)}"
            for a in node.args
            if new in IN_PLACE
            and (
                a.keyword.value == "inplace"
                if a.keyword
                else activations.MODULES[edit.old] == "ReLU"
            )
        ]
        start, end = source.span(node.args[0])[0], source.span(node.args[-1].value)[1]
        if source.text[start:end] != ", ".join(kept):
            yield Splice(source.path, start, end, ", ".join(kept))


def _function(source: Source, node: cst.Call, edit: ReplaceActivation) -> Iterator[Splice]:
    """Rewrite ``F.relu(h)``, ``h.relu()`` or ``h.clamp(min=0)``."""
    value, method = _operand(source, node)
    if method and edit.new in activations.METHODS:
        assert isinstance(node.func, cst.Attribute)
        start = source.span(node.func.attr)[0]
        yield Splice(source.path, start, source.span(node)[1], f"{edit.new}()")
        return
    name = activations.function(source, edit.new)
    if not method and len(node.args) == 1:
        yield Splice(source.path, *source.span(node.func), name)
        return
    start, end = source.span(node)
    first, last = source.span(value)
    brackets = bool(value.lpar) and method  # those of the receiver become those of the call
    yield Splice(source.path, start, first, name if brackets else f"{name}(")
    yield Splice(source.path, last, end, "" if brackets else ")")


def _operand(source: Source, node: cst.Call) -> tuple[cst.BaseExpression, bool]:
    """Return what the activation is applied to, and whether it is the receiver of a method."""
    libraries = {
        *activations.aliases(source, "torch"),
        *activations.aliases(source, "torch.nn"),
        *activations.aliases(source, "torch.nn.functional"),
        "torch.nn.functional",
        "nn.functional",
        "np",
    }
    if isinstance(node.func, cst.Attribute) and dotted(node.func.value) not in libraries:
        return node.func.value, True
    zero = {"0", "0.", "0.0"}
    return next(a.value for a in node.args if source.code(a.value) not in zero), False
