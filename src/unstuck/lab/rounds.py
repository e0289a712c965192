"""Which chunks come next: a function of complete results alone, so that it is the same everywhere.

A round is a list of chunks; the next one is asked for when all of it is kept. No choice depends on which
worker was faster.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence

from unstuck.lab.plan import Cell
from unstuck.lab.study.study import Budget, Study
from unstuck.theory.interval import share_interval

Range = tuple[int, int]
Counts = dict[str, tuple[int, int]]
"""Key of a cell -> how many of its networks learned, of how many."""

Round = list[tuple[Cell, Range]]


@dataclasses.dataclass(frozen=True, slots=True)
class Rounds:
    """A study's rounds. `next` returns the chunks to come after these counts; none when it is done."""

    next: Callable[[Counts], Round]


def rounds(study: Study, found: Sequence[Cell]) -> Rounds:
    """Return how a study goes on: every start of every cell, adaptively, or by halving."""
    if study.search.kind == "halving":
        return Rounds(lambda counts: _halved(found, study.budget, study.search.keep, counts))
    return within(found, study.budget)


def within(found: Sequence[Cell], budget: Budget) -> Rounds:
    """Return rounds in which each cell gets its starts, or as many as make its interval narrow."""
    if budget.narrow is not None:
        return Rounds(lambda counts: _narrowed(found, budget, counts))
    return Rounds(lambda counts: _all(found, budget, counts))


def ranges(budget: Budget, *, growing: bool) -> Iterator[Range]:
    """Yield the ranges of networks of a cell, as (first, count): the same for every cell of a study.

    growing: the first is `least`, and each doubles what is there, so that a cell can stop early.
    """
    first = 0
    while first < budget.seeds:
        count = min(budget.chunk, budget.seeds - first)
        if growing:
            count = min(count, max(budget.least, first))
        yield first, count
        first += count


def _after(budget: Budget, done: int, *, growing: bool) -> Range | None:
    """Return the range that begins with network `done`; None where the cell has all."""
    return next((one for one in ranges(budget, growing=growing) if one[0] == done), None)


def _all(found: Sequence[Cell], budget: Budget, counts: Counts) -> Round:
    """Return every chunk, in one round; of a study with a cap, as many whole layers as it allows."""
    if counts:
        return []
    chunks = [(one, given) for given in ranges(budget, growing=False) for one in found]
    return _within(chunks, budget, 0)


def _narrowed(found: Sequence[Cell], budget: Budget, counts: Counts) -> Round:
    """Return one more range of each cell whose interval is still wide, the most telling ones first."""
    assert budget.narrow is not None
    shares = {key: learned / of for key, (learned, of) in counts.items()}
    wanted = []
    for one in found:
        learned, of = counts.get(one.key, (0, 0))
        low, high = share_interval(learned, of)
        given = _after(budget, of, growing=True)
        if given is not None and high - low > budget.narrow:
            wanted.append((one, given, high - low))
    change = changes(found, shares)
    wanted.sort(key=lambda each: -each[2] * (1 + change.get(each[0].key, 0.0)))
    return _within([(one, given) for one, given, _ in wanted], budget, _spent(counts))


def changes(found: Sequence[Cell], shares: dict[str, float]) -> dict[str, float]:
    """Return for each cell how far its share lies from that of its neighbours at most.

    Neighbours differ in one setting, by one place in the order in which its values appear.
    """
    places = _places(found)
    by_place = {place: one for one, place in zip(found, places, strict=True)}
    most: dict[str, float] = {}
    for one, place in zip(found, places, strict=True):
        beside = [
            by_place.get((*place[:axis], place[axis] + step, *place[axis + 1 :]))
            for axis in range(len(place))
            for step in (-1, 1)
        ]
        here = shares.get(one.key)
        gaps = [
            abs(here - shares[b.key]) for b in beside if b and here is not None and b.key in shares
        ]
        most[one.key] = max(gaps, default=0.0)
    return most


def _places(found: Sequence[Cell]) -> list[tuple[int, ...]]:
    """Return the place of each cell in the grid: numbers are in order of size, words as they came."""
    names = list(found[0].settings) if found else []
    orders = []
    for name in names:
        values = list(
            {repr(one.settings.get(name)): one.settings.get(name) for one in found}.values()
        )
        if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
            values.sort()
        orders.append({repr(value): at for at, value in enumerate(values)})
    return [
        tuple(
            order[repr(one.settings.get(name))] for name, order in zip(names, orders, strict=True)
        )
        for one in found
    ]


def _halved(found: Sequence[Cell], budget: Budget, keep: float, counts: Counts) -> Round:
    """Return the next range of the cells that are left: after each range the best `keep` of them go on."""
    alive, done = list(found), 0
    for first, count in ranges(budget, growing=True):
        if any(counts.get(one.key, (0, 0))[1] < first + count for one in alive):
            missing = [one for one in alive if counts.get(one.key, (0, 0))[1] < first + count]
            return _within([(one, (first, count)) for one in missing], budget, _spent(counts))
        done = first + count
        if done < budget.seeds:
            left = max(1, math.ceil(keep * len(alive)))
            order = {one.key: at for at, one in enumerate(found)}
            alive.sort(key=lambda one: (-counts[one.key][0] / counts[one.key][1], order[one.key]))
            alive = alive[:left]
    return []


def _spent(counts: Counts) -> int:
    return sum(of for _, of in counts.values())


def _within(chunks: Round, budget: Budget, spent: int) -> Round:
    """Return the chunks, from the first on, that the study's number of networks allows."""
    if budget.networks is None:
        return chunks
    left, taken = budget.networks - spent, Round()
    for one, (first, count) in chunks:
        if count <= left:
            taken.append((one, (first, count)))
            left -= count
    return taken
