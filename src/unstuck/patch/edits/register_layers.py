"""Layers in a plain list or dict: kept in nn.ModuleList or nn.ModuleDict instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import RegisterLayers
from unstuck.patch.edits import activations
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.unpatchable import Unpatchable

LISTS = (cst.List, cst.ListComp, cst.Tuple)
DICTS = (cst.Dict, cst.DictComp)


def register_layers(files: Files, edits: Sequence[RegisterLayers]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _register(files, edit)]


def _register(files: Files, edit: RegisterLayers) -> Iterator[Splice]:
    found = [
        (source, value)
        for source in sorted(files.known(), key=lambda s: s.path != edit.built.file)
        for value in _assigned(source, edit.attribute)
    ]
    if not found:
        raise Unpatchable(f"no assignment of {edit.attribute} is visible")
    for source, value in found:
        yield from _wrapped(source, value, edit.attribute)


def _assigned(source: Source, attribute: str) -> Iterator[cst.BaseExpression]:
    """Yield what a class assigns to this attribute of ``self``."""
    for statement in source.all(cst.BaseSmallStatement):
        match statement:
            case cst.Assign(targets=[cst.AssignTarget(target=target), *_], value=value):
                pass
            case cst.AnnAssign(target=target, value=cst.BaseExpression() as value):
                pass
            case _:
                continue
        inside = source.around(statement, cst.ClassDef) is not None
        if inside and isinstance(target, cst.Attribute) and target.attr.value == attribute:
            yield value


def _wrapped(source: Source, value: cst.BaseExpression, attribute: str) -> Iterator[Splice]:
    kind = "ModuleDict" if isinstance(value, DICTS) else "ModuleList"
    if isinstance(value, cst.Call) and dotted(value.func) in {"list", "dict", "tuple"}:
        kind = "ModuleDict" if dotted(value.func) == "dict" else "ModuleList"
        yield Splice(source.path, *source.span(value.func), _called(source, kind))
        return
    if not isinstance(value, (*LISTS, *DICTS, cst.Name)):
        raise Unpatchable(f"{attribute} is assigned something else than a list or dict of layers")
    name, span = _called(source, kind), source.span(value)
    if isinstance(value, cst.List | cst.Dict) and not value.elements:
        yield Splice(source.path, *span, f"{name}()")
    else:
        yield from wrap(source.path, span, f"{name}(", ")")


def _called(source: Source, name: str) -> str:
    """Return how this class of torch.nn is called in the file."""
    direct, nn = (
        activations.aliases(source, f"torch.nn.{name}"),
        activations.aliases(source, "torch.nn"),
    )
    torch = activations.aliases(source, "torch")
    if direct or nn:
        return direct[0] if direct else f"{nn[0]}.{name}"
    if torch:
        return f"{torch[0]}.nn.{name}"
    raise Unpatchable(f"{source.path} imports nothing that {name} could be called through")
