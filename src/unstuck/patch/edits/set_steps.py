"""A longer loop: the outermost one around the update that is counted by a number."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import libcst as cst

from unstuck.core.edits import SetSteps
from unstuck.patch.text import statements
from unstuck.patch.text.number import round_up
from unstuck.patch.text.splice import Splice
from unstuck.patch.trace import definitions, fold, loops
from unstuck.patch.trace.demand import Demand
from unstuck.patch.trace.files import Files, dotted
from unstuck.patch.trace.spot import Spot
from unstuck.patch.unpatchable import Unpatchable

WRAPPERS = frozenset(
    {"tqdm", "track", "enumerate", "list", "iter", "progress_bar", "notebook_tqdm"}
)
"""Calls that iterate over their first argument."""

COUNTERS = frozenset({"range", "trange", "arange", "tnrange"})
"""Calls that count."""


@dataclasses.dataclass(frozen=True, slots=True)
class Count:
    """How often a loop turns: (stop - start) / step, and the expression that says when it stops."""

    stop: Spot
    limit: int
    start: int = 0
    step: int = 1

    @property
    def turns(self) -> int:
        """Number of turns."""
        return -(-(self.limit - self.start) // self.step)


def set_steps(files: Files, edits: Sequence[SetSteps]) -> list[Splice | Demand]:
    """Write every edit of this kind."""
    return [_longer(files, edit) for edit in edits]


def _longer(files: Files, edit: SetSteps) -> Demand:
    source = files.source(edit.step.file)
    statement = statements.at_line(source, edit.step.line)
    count = _count(files, Spot(source, statement or source.module))
    if count is None:
        raise Unpatchable(
            f"no loop around {edit.step} is counted by a number that the source shows"
        )
    turns = round_up(count.turns * edit.factor)
    return wanted(files, count.stop, count.limit, count.start + turns * count.step)


def wanted(files: Files, spot: Spot, old: int, new: int) -> Demand:
    """Return the demand that makes a limit `new`; ``EPOCHS + 1`` asks it of ``EPOCHS``."""
    match spot.node:
        case cst.BinaryOperation(left=left, operator=sign, right=right):
            other = fold.literal_value(right)
            inner = fold.folded(files, spot.at(left))
            if isinstance(other, int) and isinstance(inner, int):
                if isinstance(sign, cst.Add):
                    return wanted(files, spot.at(left), inner, new - other)
                if isinstance(sign, cst.Subtract):
                    return wanted(files, spot.at(left), inner, new + other)
                if isinstance(sign, cst.Multiply) and other and new % other == 0:
                    return wanted(files, spot.at(left), inner, new // other)
    return Demand(spot, old, new, "steps")


def _count(files: Files, inner: Spot) -> Count | None:
    """Return the outermost count around the update that does not start the training anew."""
    networks = loops.networks(files)
    for chain in loops.chains(files, inner):
        for position in range(len(chain) - 1, -1, -1):
            for loop in reversed(loops.around(chain[position])):
                if not loops.restarts(chain, position, loop, networks):
                    found = _length(files, chain[position].at(loop))
                    if found is not None and found.turns > 0:
                        return found
    return None


def _length(files: Files, loop: Spot) -> Count | None:
    match loop.node:
        case cst.For(iter=iterated):
            return _counted(files, loop.at(iterated))
        case cst.While(test=test):
            return _while(files, loop, test)
    return None


def _counted(files: Files, spot: Spot) -> Count | None:
    """Return the count behind ``range(N)``, ``tqdm(range(a, N))``, ``trange(N)`` or a name for one."""
    ends = [e for e in definitions.terminals(files, spot) if isinstance(e, Spot)]
    call = ends[0].node if len(ends) == 1 else None
    if not isinstance(call, cst.Call) or not call.args:
        return None
    name = dotted(call.func).rpartition(".")[2]
    given = [ends[0].at(a.value) for a in call.args if a.keyword is None and not a.star]
    if name in WRAPPERS and given:
        return _counted(files, given[0])
    if name not in COUNTERS or not given:
        return None
    stop = given[0] if len(given) == 1 else given[1]
    limit = _number(files, stop)
    start = _number(files, given[0]) or 0 if len(given) > 1 else 0
    step = _number(files, given[2]) if len(given) > 2 else 1
    return Count(stop, limit, start, step) if limit and step and step > 0 else None


def _number(files: Files, spot: Spot) -> int | None:
    """Return a whole number; of several possible ones (several callers) the first."""
    value = fold.folded(files, spot)
    return int(value) if isinstance(value, int | float) and value == int(value) else None


def _while(files: Files, loop: Spot, test: cst.BaseExpression) -> Count | None:
    """Return the count of ``while i < N``, or of ``if i >= N: break`` in a loop without end."""
    counters = {
        dotted(a.target)
        for a in loop.source.within(loop.node, cst.AugAssign)
        if isinstance(a.operator, cst.AddAssign)
    }
    tests = [test] + [
        branch.test
        for branch in loop.source.within(loop.node, cst.If)
        if any(isinstance(s, cst.Break) for s in statements.flat(branch.body))
    ]
    for comparison in (c for t in tests for c in loop.source.within(t, cst.Comparison)):
        if len(comparison.comparisons) == 1:
            left, right = comparison.left, comparison.comparisons[0].comparator
            stop = (
                right if dotted(left) in counters else left if dotted(right) in counters else None
            )
            limit = _number(files, loop.at(stop)) if stop is not None else None
            if stop is not None and limit:
                return Count(loop.at(stop), limit)
    return None
