"""Another batch size: where a DataLoader is told it, or where a loop cuts the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import SetBatch
from unstuck.patch.text.source import Source
from unstuck.patch.trace import calls, fold
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


def set_batches(files: Files, edits: Sequence[SetBatch]) -> list[Demand]:
    """Write every edit of this kind."""
    return [demand for edit in edits for demand in _set(files, edit)]


def _set(files: Files, edit: SetBatch) -> list[Demand]:
    files.source(edit.step.file)
    sizes = [spot for source in files.known() for spot in _sizes(source)]
    worth = {spot: fold.folded(files, spot) for spot in sizes}
    fitting = [spot for spot in sizes if _fits(worth[spot], edit)]
    if not fitting:
        raise Unpatchable(f"where the rows are cut into batches of {edit.old} is not visible")
    first = fitting[0]
    olds = {worth[spot] for spot in fitting}
    if len(olds) > 1 or any(spot.code != first.code for spot in fitting):
        raise Unpatchable(f"the rows are cut into batches of {edit.old} in more than one place")
    old = worth[first]
    known = old if isinstance(old, int) else None
    places = [first, *_slices(first)]
    return [Demand(place, known, edit.value, along=tuple(fitting[1:])) for place in places]


def _slices(stride: Spot) -> list[Spot]:
    """Return the same number in the slices of the loop that a stride belongs to; a name, anywhere in it."""
    source = stride.source
    loop = source.around(stride.node, cst.For)
    if not isinstance(loop, cst.For) or not source.holds(loop.iter, stride.node):
        return []
    if isinstance(stride.node, cst.Name | cst.Attribute):
        kind = type(stride.node)
        same = [node for node in source.within(loop.body, kind) if source.code(node) == stride.code]
        return [stride.at(node) for node in same]
    if not isinstance(stride.node, cst.Integer):
        return []
    cuts = [cut for cut in source.within(loop.body, cst.Slice)]
    numbers = [number for cut in cuts for number in source.within(cut, cst.Integer)]
    return [stride.at(number) for number in numbers if number.value == stride.node.value]


def _fits(worth: object, edit: SetBatch) -> bool:
    """Whether a batch size is the one that was seen; a batch of all rows may be told any larger size."""
    if not isinstance(worth, int):
        return False
    return worth == edit.old or (edit.old == edit.rows and worth > edit.rows)


def _sizes(source: Source) -> Iterator[Spot]:
    """Yield what may be a batch size: an argument of a loader, the stride of a loop over rows."""
    for node in source.all(cst.Call):
        call = Spot(source, node)
        given = None
        match calls.names(call):
            case ("DataLoader", *_) | (_, "DataLoader"):
                given = calls.argument(call, "batch_size", 1)
            case ("range",) if len(node.args) == 3:
                given = calls.argument(call, "step", 2)
            case ("split",):
                given = calls.argument(call, "split_size_or_sections", 0)
        if given is not None:
            yield given
