"""Standardised inputs: a Normalization layer in front of the others, or the arrays themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import ScaleInputs
from unstuck.patch.keras import models, spoken
from unstuck.patch.text import elements, statements
from unstuck.patch.text.source import Source
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import calls
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

NAMES = ("norm", "normalization", "normalize", "norm_1", "norm_2")
"""Names for the layer, the first that is free."""

GATES = frozenset({"Input", "InputLayer"})
"""What may stand in front of the layer."""


def scale_inputs(files: Files, edits: Sequence[ScaleInputs]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _scale(files, edit)]


def _scale(files: Files, edit: ScaleInputs) -> list[Splice]:
    fit = models.trained(files, edit.forward)
    rows = calls.argument(fit, "x", 0)
    if rows is None or not plain(rows.node):
        raise Unpatchable(f"the rows that {edit.forward} trains on are no array that has a name")
    built = models.built(files, fit)
    found = None if built is None else _in_model(files, fit, rows, built)
    return found or list(_in_arrays(files, fit, rows))


def plain(node: cst.CSTNode) -> bool:
    """Whether an expression may be evaluated twice: a name, an attribute, a part of one."""
    match node:
        case cst.Name():
            return True
        case cst.Attribute(value=inner) | cst.Subscript(value=inner):
            return plain(inner)
    return False


def _in_model(files: Files, fit: Spot, rows: Spot, built: Spot) -> list[Splice] | None:
    """Put an adapted Normalization layer first; None where the model is of another make."""
    source, name = built.source, _free(built.source)
    if built.source is not fit.source or calls.names(built)[-1:] != ("Sequential",):
        return None
    if source.function(built.node) is not source.function(fit.node):
        return None
    assert isinstance(built.node, cst.Call)
    layers = calls.argument(built, "layers", 0)
    if layers is not None:
        if not isinstance(layers.node, cst.List | cst.Tuple) or not layers.node.elements:
            return None
        place = _among(source, layers.node.elements, name)
        first = statements.of(source, built.node)
    else:
        grown = _first_added(fit, models.receiver(fit).code)
        if grown is None:
            return None
        place = _grown(source, grown, name)
        first = statements.of(source, built.node)
    known = _assigned_before(source, rows.node, first)
    text, imports = spoken.named(source, "layers", "Normalization")
    made, adapted = f"{name} = {text}()", f"{name}.adapt({rows.code})"
    if known:
        return [*imports, *place, *statements.before(source, first, [made, adapted])]
    last = statements.of(source, fit.node)
    lines = statements.before(source, first, [made]) + statements.before(source, last, [adapted])
    return [*imports, *place, *lines]


def _free(source: Source) -> str:
    used = {node.value for node in source.all(cst.Name)}
    return next(name for name in NAMES if name not in used)


def _assigned_before(source: Source, rows: cst.CSTNode, place: cst.CSTNode) -> bool:
    """Whether the rows have their last value before a statement is reached."""
    names = {node.value for node in source.within(rows, cst.Name)}
    start = source.span(place)[0]
    targets = [
        target
        for target in source.all(cst.AssignTarget)
        for node in source.within(target, cst.Name)
        if node.value in names
    ]
    return all(source.span(target)[0] < start for target in targets) and bool(targets)


def _among(source: Source, parts: Sequence[cst.BaseElement], name: str) -> list[Splice]:
    """Put the layer in front of the others in a list, behind an Input."""
    first = parts[0]
    if isinstance(first.value, cst.Call) and dotted(first.value.func).rpartition(".")[2] in GATES:
        return [elements.behind(source, first, name)]
    start = source.span(first)[0]
    line = source.starts[source.line_of(start) - 1]
    white = source.text[line:start]
    gap = f"{source.newline}{white}" if not white.strip() else " "
    return [Splice(source.path, start, start, f"{name},{gap}")]


def _first_added(fit: Spot, model: str) -> Spot | None:
    """Return the first ``model.add(...)``."""
    for node in fit.source.all(cst.Call):
        if dotted(node.func) == f"{model}.add" and node.args:
            return fit.at(node)
    return None


def _grown(source: Source, added: Spot, name: str) -> list[Splice]:
    """Add the layer in front of the first one that is added, behind an Input."""
    assert isinstance(added.node, cst.Call)
    statement = statements.of(source, added.node)
    line = f"{dotted(added.node.func)}({name})"
    value = added.node.args[0].value
    if isinstance(value, cst.Call) and dotted(value.func).rpartition(".")[2] in GATES:
        return statements.behind(source, statement, [line])
    return statements.before(source, statement, [line])


def _in_arrays(files: Files, fit: Spot, rows: Spot) -> Iterator[Splice]:
    """Standardise wherever the model is given rows, by what those have that it is trained on."""
    mean, spread = names(fit.source, rows, "x")
    every = [use for use in models.uses(files, fit) if use.rows is not None]
    place = before_all(fit, rows, [use.call for use in every])
    line = f"{mean}, {spread} = {rows.code}.mean(axis=0), {rows.code}.std(axis=0) + 1e-8"
    yield from statements.before(fit.source, place, [line])
    for use in every:
        assert use.rows is not None
        yield from scaled(use.rows, mean, spread)
        if use.method == "fit" and (held := models.held_out(use.call)) is not None:
            yield from scaled(held[0], mean, spread)


def names(source: Source, spot: Spot, otherwise: str) -> tuple[str, str]:
    """Return names for mean and spread of an array that the file does not use yet."""
    stem = spot.code if isinstance(spot.node, cst.Name) else otherwise
    taken = {node.value for node in source.all(cst.Name)}
    tail = next(tail for tail in ("", "_", "_0", "_1") if f"{stem}_mean{tail}" not in taken)
    return f"{stem}_mean{tail}", f"{stem}_std{tail}"


def before_all(fit: Spot, rows: Spot, every: Sequence[Spot]) -> cst.CSTNode:
    """Return the statement in front of which the rows are known, and no model was given any.

    Raises Unpatchable where there is none.
    """
    source = fit.source
    found = [statements.of(source, call.node) for call in every]
    same = all(source.function(call.node) is source.function(fit.node) for call in every)
    place = min(found, key=lambda statement: source.span(statement)[0])
    loop = source.around(place, cst.For, cst.While)
    place = place if loop is None else loop
    if not same or not _assigned_before(source, rows.node, place):
        raise Unpatchable("the rows are not known wherever the model is given some")
    return place


def scaled(spot: Spot, mean: str, spread: str) -> tuple[Splice, Splice]:
    """Standardise an expression."""
    inner = isinstance(spot.node, cst.Name | cst.Attribute | cst.Subscript | cst.Call)
    before, after = ("(", f" - {mean}) / {spread}") if inner else ("((", f") - {mean}) / {spread}")
    return wrap(spot.source.path, spot.source.span(spot.node), before, after)
