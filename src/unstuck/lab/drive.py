"""Drives a study: round after round, every chunk that is missing is trained, and kept as it comes."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from unstuck.lab.engine.chunk import Outcome, Work
from unstuck.lab.mistaken import Mistaken
from unstuck.lab.plan import Cell
from unstuck.lab.pool import Pool
from unstuck.lab.rounds import Counts, Round, Rounds
from unstuck.lab.store.key import cell_of, chunk_key
from unstuck.lab.store.store import Kept, Store

Chunks = dict[str, int]
"""Key of a chunk that is kept -> how many of its networks learned."""

AT_ONCE = 500  # cells whose networks are in memory together


@dataclasses.dataclass(frozen=True, slots=True)
class Pace:
    """How far a study is. done, of: networks of the chunks known so far (a further round adds to them);
    rate: networks a second, of this run; share: of the work of this round that is done.
    """

    done: int
    of: int
    rate: float
    share: float


Watch = Callable[[Pace], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Driven:
    """What a run did. trained: networks; seconds: of processor time in the workers; waited: of the clock."""

    trained: int
    seconds: float
    waited: float


def drive(
    cells: Sequence[Cell],
    rounds: Rounds,
    store: Store,
    pool: Pool,
    watch: Watch = lambda pace: None,
) -> Driven:
    """Train what the store does not hold yet, and keep it there; raises Mistaken."""
    have = chunks(cells, store)
    begun, trained, spent = time.monotonic(), 0, 0.0
    with pool.open():
        for works, known in _missing(rounds, have):
            ahead = {work.key: work for work in works}
            steps = sum(_weight(work) for work in works)
            made = 0
            for outcome in _trained(pool, works):
                work = ahead.pop(outcome.key)
                cell = cell_of(work)
                store.put(cell, work.first, outcome)
                have[outcome.key] = outcome.learned
                trained, spent = trained + work.count, spent + outcome.seconds
                made += _weight(work)
                waited = time.monotonic() - begun
                done = known - sum(one.count for one in ahead.values())
                watch(Pace(done, known, trained / max(waited, 1e-9), made / steps))
    return Driven(trained, spent, time.monotonic() - begun)


def _trained(pool: Pool, works: list[Work]) -> Iterable[Outcome]:
    from unstuck.replay.unreplayable import Unreplayable
    from unstuck.trial.update import Untrainable

    try:
        yield from pool.train(works)
    except (Untrainable, Unreplayable) as error:
        raise Mistaken(f"a cell cannot be trained: {error}") from error


def _missing(rounds: Rounds, have: Chunks) -> Iterable[tuple[list[Work], int]]:
    """Yield the chunks that are missing in round after round, and how many networks are known by then."""
    for known, planned in walked(rounds, have):
        works = [
            one.work(*given) for one, given in planned if chunk_key(one.key, *given) not in have
        ]
        if works:
            yield works, known


def walked(rounds: Rounds, have: Chunks) -> Iterable[tuple[int, Round]]:
    """Yield round after round, with how many networks there are with it; the caller completes `have`.

    A round that is not complete when the next is asked for is the last.
    """
    counts: Counts = {}
    known = 0
    while planned := rounds.next(counts):
        known += sum(count for _, (_, count) in planned)
        yield known, planned
        for one, given in planned:
            found = have.get(chunk_key(one.key, *given))
            if found is None:
                return
            learned, of = counts.get(one.key, (0, 0))
            counts[one.key] = (learned + found, of + given[1])


def chunks(cells: Sequence[Cell], store: Store) -> Chunks:
    """Return which chunks of these cells a store holds: counts alone, so that a million of them fit."""
    return {
        chunk_key(one.cell, one.first, one.count): one.learned
        for one in store.chunks(one.key for one in cells)
    }


def asked(rounds: Rounds, have: Chunks) -> tuple[set[str], int]:
    """Return the keys of the chunks that a study asks for and that are there, and how many are missing."""
    there: set[str] = set()
    missing = 0
    for _, planned in walked(rounds, have):
        for one, given in planned:
            key = chunk_key(one.key, *given)
            missing += key not in have
            if key in have:
                there.add(key)
    return there, missing


def kept(cells: Sequence[Cell], there: set[str], store: Store) -> Iterator[tuple[Cell, list[Kept]]]:
    """Yield each cell with those of its chunks that are asked for, a few hundred cells in memory at a time."""
    for at in range(0, len(cells), AT_ONCE):
        part = cells[at : at + AT_ONCE]
        found: dict[str, list[Kept]] = {one.key: [] for one in part}
        for one in store.chunks(found):
            if chunk_key(one.cell, one.first, one.count) in there:
                found[one.cell].append(one)
        yield from ((one, found[one.key]) for one in part)


def _weight(work: Work) -> int:
    """How long a chunk takes, about, next to others: updates times weights."""
    return work.count * work.setup.plan.steps * (work.setup.size + 30)
