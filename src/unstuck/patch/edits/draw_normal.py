"""Weights that a script makes by hand, drawn from a normal distribution of another spread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import DrawNormal
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import calls, fold
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

MAKERS = ("randn", "rand", "zeros", "ones", "full")
"""Functions that make a tensor of the sizes that they are given first."""


def draw_normals(files: Files, edits: Sequence[DrawNormal]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _draw(files, edit)]


def _draw(files: Files, edit: DrawNormal) -> Iterator[Splice]:
    source = files.source(edit.line.file)
    made = [spot for spot in calls.on_line(source, edit.line.line) if _maker(spot)]
    starting = [spot for spot in made if source.lines(spot.node)[0] == edit.line.line]
    found = starting or made
    if len(found) > 1:  # a bias may be made beside a weight: one size and not two
        found = [spot for spot in found if len(_sizes(spot)) > 1]
    if len(found) == len(edit.spreads):
        for spot, spread in zip(found, edit.spreads, strict=True):
            yield from _drawn(files, spot, f"{spread:.3g}")
    elif len(found) == 1:
        yield from _drawn(files, found[0], _common(found[0], edit))
    else:
        raise Unpatchable(f"which call at {edit.line} makes which weights is not visible")


def _maker(spot: Spot) -> bool:
    return any(name in MAKERS for name in calls.names(spot))


def _positional(spot: Spot) -> list[cst.Arg]:
    assert isinstance(spot.node, cst.Call)
    return [given for given in spot.node.args if given.keyword is None]


def _sizes(spot: Spot) -> list[cst.BaseExpression]:
    """Return the sizes that the call is given: ``(3, 4)`` and ``((3, 4))`` are two."""
    given = [one.value for one in _positional(spot)]
    if given and isinstance(given[0], cst.Tuple | cst.List):
        return [element.value for element in given[0].elements]
    return given


def _common(spot: Spot, edit: DrawNormal) -> str:
    """Return the spread of weights that one call makes in several turns: by its own first size."""
    if len(set(edit.spreads)) == 1:
        return f"{edit.spreads[0]:.3g}"
    first, *others = _sizes(spot)
    if edit.by_first_size and others and isinstance(first, cst.Name):
        return f"{first.value} ** -0.5"
    raise Unpatchable(f"the call at {edit.line} makes weights of several sizes")


def _drawn(files: Files, spot: Spot, spread: str) -> Iterator[Splice]:
    """Make a call draw normally, and give what it draws its spread."""
    source, call = spot.source, spot.node
    assert isinstance(call, cst.Call)
    yield from _renamed(spot)
    factor = _factor(files, spot)
    asked = _keyword(call, "requires_grad")
    filled = [*_positional(spot)[1:], *_keyword(call, "fill_value")]
    if "full" in calls.names(spot):
        yield from _without(spot, filled[0])
    if factor is not None:
        yield Splice(source.path, source.span(call)[1], source.span(factor)[1], f" * {spread}")
        return
    start, end = source.span(call)
    if asked:
        yield from _without(spot, asked[0])
        yield Splice(source.path, start, start, "(")
        yield Splice(source.path, end, end, f" * {spread}).requires_grad_()")
    elif isinstance(source.parents[call], cst.Attribute | cst.BinaryOperation):
        yield Splice(source.path, start, start, "(")
        yield Splice(source.path, end, end, f" * {spread})")
    else:
        yield Splice(source.path, end, end, f" * {spread}")


def _keyword(call: cst.Call, name: str) -> list[cst.Arg]:
    return [
        given for given in call.args if given.keyword is not None and given.keyword.value == name
    ]


def _renamed(spot: Spot) -> Iterator[Splice]:
    assert isinstance(spot.node, cst.Call)
    named = spot.node.func.attr if isinstance(spot.node.func, cst.Attribute) else spot.node.func
    if spot.source.code(named) == "randn":
        return
    if not isinstance(spot.node.func, cst.Attribute):
        raise Unpatchable(f"{spot.code} is not called through torch, where randn would be found")
    start, end = spot.source.span(named)
    yield Splice(spot.source.path, start, end, "randn")


def _factor(files: Files, spot: Spot) -> cst.BaseExpression | None:
    """Return the number that the call's tensor is multiplied or divided by."""
    around = spot.source.parents[spot.node]
    if (
        isinstance(around, cst.BinaryOperation)
        and around.left is spot.node
        and isinstance(around.operator, cst.Multiply | cst.Divide)
    ):
        value = fold.folded(files, spot.at(around.right))
        return around.right if isinstance(value, int | float) else None
    return None


def _without(spot: Spot, given: cst.Arg) -> Iterator[Splice]:
    """Leave an argument of the call out, with the comma in front of it."""
    assert isinstance(spot.node, cst.Call)
    place = spot.node.args.index(given)
    if not place:
        raise Unpatchable(f"{spot.code} is given no sizes")
    start = spot.source.span(spot.node.args[place - 1].value)[1]
    yield Splice(spot.source.path, start, spot.source.span(given.value)[1], "")
