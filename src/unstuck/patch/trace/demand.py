"""Wanted values: which literal of the source must change so that an expression gets another value.

All demands of one patch are met together: a name that serves several of them is edited once, and a
literal that also serves something else is left alone (the value is then written where it is used).
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence

import libcst as cst

from unstuck.patch.text.number import written
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import definitions, fold, uses
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Env, Spot
from unstuck.patch.unpatchable import Unpatchable

Scalar = float | int | str | tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """An expression that is worth `old` shall be worth `new` (the same, where it must not change).

    purpose: what the value is for (``setting``, ``steps``, ``size``); it decides which other uses of
    a name may change along. env: what the parameters and loop variables around it stand for. along:
    expressions elsewhere that may take the new value too. repeated: the expression is reached in other
    circumstances too, in which it must not change, so that it cannot be replaced itself.
    """

    spot: Spot
    old: Scalar | None
    new: Scalar
    purpose: uses.Purpose = "setting"
    env: Env = dataclasses.field(default_factory=dict)
    along: tuple[Spot, ...] = ()
    repeated: bool = False


def met(files: Files, demands: Sequence[Demand]) -> list[Splice]:
    """Return the splices that give every demanded expression its new value."""
    trails = {demand: trail(files, demand) for demand in demands}
    places: dict[Spot, Demand] = {}
    for demand in demands:
        place = _place(files, demand, trails)
        if not same(fold.folded(files, place, demand.env), demand.new):
            if demand.repeated and place == demand.spot:
                raise Unpatchable(f"{place.code} is reached again where it must not change")
            places.setdefault(place, demand)
    for place, by in places.items():
        _agreed(place, by, trails, places)
    return [replaced(place, demand.new) for place, demand in places.items()]


def _agreed(
    place: Spot,
    by: Demand,
    trails: Mapping[Demand, tuple[Spot, ...]],
    places: Mapping[Spot, Demand],
) -> None:
    """Raise `Unpatchable` if a change for one demand would reach another that wants something else."""
    for demand, way in trails.items():
        reached = next((spot for spot in way if spot in places), None)
        if reached == place and not same(demand.new, by.new):
            raise Unpatchable(f"{place.code} would have to be both {by.new} and {demand.new}")


def same(a: object, b: object) -> bool:
    """Whether two values are the same number (to 1e-6) or the same text."""
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-15)
    if isinstance(a, tuple) or isinstance(b, tuple):
        return _sizes(a) == _sizes(b)
    return a == b


def _sizes(value: object) -> tuple[object, ...]:
    """Return sizes as a tuple: one alone may be written without brackets."""
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def replaced(place: Spot, value: Scalar) -> Splice:
    """Write a value over an expression, in its style; parentheses around the expression go as well."""
    start, end = place.source.span(place.node)
    like = place.code if fold.literal_value(place.node) is not None else ""
    return Splice(place.source.path, start, end, written(value, like))


def trail(files: Files, demand: Demand) -> tuple[Spot, ...]:
    """Return the way from the demanded expression to what its old value is written as.

    Just the expression itself where no single such way is visible.
    """
    found: dict[Spot, tuple[Spot, ...]] = {}
    for way in definitions.trails(files, demand.spot, demand.env):
        spots = tuple(value for value in way if isinstance(value, Spot))
        worth = fold.folded(files, spots[-1], demand.env)
        fits = worth is not None and (demand.old is None or same(worth, demand.old))
        if fits and len(spots) == len(way) and isinstance(spots[-1].node, cst.BaseExpression):
            found.setdefault(spots[-1], spots)
    return next(iter(found.values())) if len(found) == 1 else (demand.spot,)


def _place(files: Files, demand: Demand, trails: dict[Demand, tuple[Spot, ...]]) -> Spot:
    """Return the farthest expression on the trail whose change touches nothing else."""
    way = trails[demand]
    wanted, opposed = set(demand.along), set[Spot]()
    for other, theirs in trails.items():
        (wanted if same(other.new, demand.new) else opposed).update(theirs)
    place = way[0]
    for use, source in itertools.pairwise(way):
        others = [spot for spot in uses.of(files, use, source) if spot not in wanted]
        if source in opposed or not all(
            uses.harmless(files, spot, demand.purpose) for spot in others
        ):
            break
        place = source
    return place
