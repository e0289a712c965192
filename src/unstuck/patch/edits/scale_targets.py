"""Standardised targets: where the loss reads them; predictions are turned back where people do.

The rows stay as they are, so whatever else reads the targets (a metric, a plot) still gets them in
their own unit. Only the training loss compares in the new one.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence

import libcst as cst

from unstuck.core.edits import ScaleTargets
from unstuck.patch.edits.match_shapes import compared
from unstuck.patch.edits.scale_in_model import MOST, maker
from unstuck.patch.edits.scale_inputs import is_list, names, of_a_batch
from unstuck.patch.edits.scaled import Unreachable, insertion, visible
from unstuck.patch.text import statements
from unstuck.patch.text.number import written
from unstuck.patch.text.splice import Splice, wrap
from unstuck.patch.trace import network, predicted, rows
from unstuck.patch.trace.files import Files
from unstuck.patch.trace.rows import Feed
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable


@dataclasses.dataclass(frozen=True, slots=True)
class Statistics:
    """Mean and spread as they are written at each place: names, or numbers.

    logarithm: whether the targets' logarithm is standardised rather than the targets.
    """

    mean: str
    spread: str
    logarithm: bool = False

    def given(self, spot: Spot) -> tuple[Splice, ...]:
        """Standardise the target of the loss where it stands."""
        source, node = spot.source, spot.node
        inner = not isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
        bare = isinstance(node, cst.BaseExpression) and not node.lpar and inner
        outer = isinstance(source.parents[node], cst.Attribute | cst.Subscript | cst.UnaryOperation)
        log = ".log()" if self.logarithm else ""
        before = "(" * outer + "(" + "(" * bare
        after = ")" * bare + log + f"{_minus(self.mean)}) / {self.spread}" + ")" * outer
        return wrap(source.path, source.span(node), before, after)

    def back(self, spot: Spot) -> tuple[Splice, ...]:
        """Turn a prediction back where it is read."""
        source, node = spot.source, spot.node
        holder = source.parents[node]
        alone = isinstance(
            holder, cst.Arg | cst.Assign | cst.Return | cst.FormattedStringExpression
        )
        outer = self.logarithm or not alone
        after = f" * {self.spread}{_plus(self.mean)}" + ")" * outer
        after += ".exp()" * self.logarithm
        return wrap(source.path, source.span(node), "(" * outer, after)


def _minus(text: str) -> str:
    """Return the subtraction of a name or a number, which may be negative."""
    return f" + {text[1:]}" if text.startswith("-") else f" - {text}"


def _plus(text: str) -> str:
    return f" - {text[1:]}" if text.startswith("-") else f" + {text}"


def scale_targets(files: Files, edits: Sequence[ScaleTargets]) -> list[Splice]:
    """Write every edit of this kind."""
    return [splice for edit in edits for splice in _scale(files, edit)]


def _scale(files: Files, edit: ScaleTargets) -> Iterator[Splice]:
    inner = network.on_line(files, edit.forward.file, edit.forward.line)
    outer, pair = network.around(files, inner), compared(files, edit.loss)
    for run in (inner, *outer):
        prediction, target = predicted.operands(files, run, pair, edit.loss)
        path = predicted.path(run, prediction)
        if path is not None:
            break
    else:
        raise Unpatchable(f"how the prediction reaches the loss at {edit.loss} is not visible")
    reads = predicted.readers(run, path, prediction, edit.loss)
    reads += predicted.elsewhere(run, outer if run in outer else network.every(files, run))
    try:
        splices, statistics = _named(files, edit, target, reads)
    except Unreachable:
        splices, statistics = [], _numbers(edit, target)
    yield from splices
    yield from statistics.given(target)
    for spot in reads:
        yield from statistics.back(spot)


def _named(
    files: Files, edit: ScaleTargets, target: Spot, reads: Sequence[Spot]
) -> tuple[list[Splice], Statistics]:
    """Compute the statistics from the variable that holds the targets, where that is seen everywhere."""
    found = [feed for feed in rows.feeds(files, target) if feed.root is not None]
    found.sort(key=lambda feed: "train" not in feed.root.code.lower() if feed.root else True)
    main = found[0] if found else Feed(target, None)
    root = main.root
    if root is None or is_list(files, root) or of_a_batch(root) or _columns_chosen(target):
        raise Unreachable
    source = root.source
    if len(edit.mean) > 1 and ("cuda" in source.text or "device" in source.text):
        raise Unreachable
    place = insertion(files, main, found)
    if not all(
        visible(spot, root, place) and not _before(spot, place) for spot in (target, *reads)
    ):
        raise Unreachable
    called = names(source, root.code)
    line = f"{called.mean}, {called.spread} = {_computed(files, edit, main)}"
    statistics = Statistics(called.mean, called.spread, edit.logarithm)
    return statements.behind(source, place, [line]), statistics


def _computed(files: Files, edit: ScaleTargets, feed: Feed) -> str:
    """Return the expressions for mean and spread: of all values, or of each column."""
    assert feed.root is not None
    name, axis = feed.root.code, "0" if len(edit.mean) > 1 else ""
    if ".float()" in feed.entry.code:
        name += ".float()"
    if edit.logarithm:
        name += ".log()"
    return f"{name}.mean({axis}), {name}.std({axis})"


def _columns_chosen(target: Spot) -> bool:
    """Whether the loss reads some columns of the targets only."""
    chosen = [s for s in target.source.within(target.node, cst.Subscript) if len(s.slice) > 1]
    return any(
        not (isinstance(part.slice, cst.Index) and target.source.code(part.slice.value) == "None")
        for subscript in chosen
        for part in subscript.slice[1:]
    )


def _before(spot: Spot, place: cst.CSTNode) -> bool:
    """Whether a spot is evaluated before the statistics are known."""
    source = spot.source
    if source.function(spot.node) is not source.function(place):
        return False
    return source.span(spot.node)[0] < source.span(place)[1]


def _numbers(edit: ScaleTargets, target: Spot) -> Statistics:
    """Write the statistics of the training rows out."""
    if len(edit.mean) > MOST:
        raise Unpatchable(f"the statistics of {len(edit.mean)} targets are too many to write out")
    pairs = [tidy(*pair) for pair in zip(edit.mean, edit.spread, strict=True)]
    if len(pairs) == 1:
        mean, spread = (written(number) for number in pairs[0])
        return Statistics(mean, spread, edit.logarithm)
    make = maker(target.source, target.code)
    means, spreads = zip(*pairs, strict=True)
    return Statistics(make(means), make(spreads), edit.logarithm)


def tidy(mean: float, spread: float) -> tuple[float, float]:
    """Return both with three digits of the spread: a mean to within a hundredth of it."""
    places = 2 - math.floor(math.log10(spread))
    return round(mean, places), round(spread, places)
