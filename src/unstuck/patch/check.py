"""After the edit: the new source parses, and every demanded value can be read off it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from unstuck.patch.text.splice import Splice, moved
from unstuck.patch.trace import definitions, fold
from unstuck.patch.trace.demand import Demand, same
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot, Value
from unstuck.patch.unpatchable import Unpatchable


def met(demands: Sequence[Demand], splices: Sequence[Splice], after: Files) -> None:
    """Raise `Unpatchable` if a demanded expression cannot have its new value in the new source."""
    for demand in demands:
        start, end = demand.spot.source.span(demand.spot.node)
        path = demand.spot.source.path
        own = [s for s in splices if s.path == path]
        if any(s.start <= start and end <= s.end for s in own):
            continue  # the value was written right here
        spot = _at(after, path, (moved(start, own), moved(end, own)), demand.spot)
        if spot is None or not _may_be(after, spot, demand.new):
            raise Unpatchable(
                f"{demand.spot.code} in line {demand.spot.source.lines(demand.spot.node)[0]} of {path} "
                f"would not become {demand.new}"
            )


def _at(after: Files, path: str, span: tuple[int, int], like: Spot) -> Spot | None:
    """Return the expression of this kind at this place of the new source."""
    source = after.source(path)
    line = source.line_of(span[0])
    found = [
        Spot(source, node)
        for node in source.all(cst.BaseExpression)
        if type(node) is type(like.node)
        and source.lines(node)[0] <= line <= source.lines(node)[1]
        and source.span(node)[0] == span[0]
    ]
    found.sort(key=lambda spot: (spot.code != like.code, source.span(spot.node)[1] != span[1]))
    return found[0] if found else None


def _may_be(after: Files, spot: Spot, value: object) -> bool:
    """Whether one of the values that the expression may take is this one."""
    ends: Iterable[Value] = definitions.terminals(after, spot)
    found = [fold.folded(after, end) for end in ends]
    return any(same(worth, value) for worth in found) or any(worth is None for worth in found)
