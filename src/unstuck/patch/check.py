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
        spot = _at(after, path, moved(start, own), demand.spot)
        if spot is None or not _may_be(after, spot, demand.new):
            raise Unpatchable(
                f"{demand.spot.code} in line {demand.spot.source.lines(demand.spot.node)[0]} of {path} "
                f"would not become {demand.new}"
            )


def _at(after: Files, path: str, offset: int, like: Spot) -> Spot | None:
    """Return the expression at this offset of the new source that was `like` in the old one."""
    source = after.source(path)
    line = source.line_of(offset)
    for node in source.all(cst.BaseExpression):
        if (
            type(node) is type(like.node)
            and source.lines(node)[0] == line
            and source.span(node)[0] == offset
            and source.code(node) == like.code
        ):
            return Spot(source, node)
    return None


def _may_be(after: Files, spot: Spot, value: object) -> bool:
    """Whether one of the values that the expression may take is this one."""
    ends: Iterable[Value] = definitions.terminals(after, spot)
    found = [fold.folded(after, end) for end in ends]
    return any(same(worth, value) for worth in found) or any(worth is None for worth in found)
