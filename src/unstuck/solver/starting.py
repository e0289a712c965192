"""From several starts to the best descent: how starts share the time, and when no more are needed."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterator

import torch
from torch import Tensor

from unstuck.solver.descent import Descent, Until
from unstuck.solver.fitted import Start
from unstuck.solver.last_layer import solve_last_layer
from unstuck.solver.method import STEPS, Method, descend
from unstuck.solver.network import vector_of
from unstuck.solver.prepared import Prepared

SHARP = (1.0, 3.0, 10.0)  # spreads of the first layer's units, start by start: half decades
DEEP = (
    1e-9  # of the gap from a constant to the bound: where a descent of errors ends (float32 rounds)
)
NEAR = 1e-6  # of it: an error within that of the bound needs no further start
SURE = 1e-6  # as DEEP for cross-entropies: what is left below it only makes weights grow
CLEAR = 1e-3  # as NEAR for cross-entropies: all rows are right with a wide margin
KNOWS = 0.5  # of the constant's loss: an untrained network is hardly ever below half of it
SHARE = 0.5  # of the time that is left, for one start; the rest is for the others
CUT = 2  # starts that ran out of time, after which no more are begun
LONGER = 4  # times the steps of the round before, for the better half of the starts
ROUNDED = 0.98  # of the target, aimed at: what the model's own precision rounds must not miss it


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Search:
    """The best descent found, each start's account, and all that was spent."""

    best: Descent
    starts: tuple[Start, ...]
    steps: int
    evaluations: int
    flops: float


@dataclasses.dataclass(frozen=True, slots=True)
class Aim:
    """Losses in the units of the solving: `deep` ends a descent, `enough` the search for others."""

    deep: float
    enough: float


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What one start has come to so far; begun: its first loss, made: its descent, all rounds in one."""

    name: str
    begun: float
    made: Descent
    seconds: float

    @property
    def loss(self) -> float:
        return self.made.loss if self.made.loss == self.made.loss else math.inf

    @property
    def unfinished(self) -> bool:
        return self.made.end in {"steps", "time"}


def aim(given: Prepared, target: float | None) -> Aim:
    """Return where descents and the search end: at the target if there is one, else at the bound."""
    problem = given.problem
    if target is not None:
        low = given.lowest.loss if given.lowest is not None and given.lowest.loss > 0 else 0.0
        wanted = problem.here(low + ROUNDED * (target - low) if target > low else target)
        return Aim(wanted, wanted)
    if given.lowest is None or given.constant is None:
        return Aim(-math.inf, -math.inf)
    low, gap = given.lowest.loss, given.constant - given.lowest.loss
    errors = given.loss.kind in {"squares", "absolute"}
    deep, near = (DEEP, NEAR) if errors else (SURE, CLEAR)
    return Aim(problem.here(low + deep * gap), problem.here(low + near * gap))


def search(
    given: Prepared,
    by: Method,
    goal: Aim,
    starts: int,
    deadline: float,
    generator: torch.Generator,
) -> Search:
    """Return the best of several starts: the model's own if it knows something, then new ones.

    All begin with few steps; the better half of those still descending go on with four times as many,
    and so on (sequential halving: Karnin, Koren and Somekh 2013, ICML; Jamieson and Talwalkar 2016,
    AISTATS, for descents). A start may use half of the time that is left.
    """
    runs: list[_Run] = []
    work = 0.0
    for name, vector, solving in _vectors(given, starts, generator):
        now = time.monotonic()
        if runs and (_best(runs).loss <= goal.enough or _cut(runs) >= CUT or now >= deadline):
            break
        work += solving
        until = Until(goal.deep, STEPS[by], now + SHARE * (deadline - now))
        made = descend(given.problem, by, vector, until, generator)
        runs.append(_Run(name, given.problem.value(vector), made, time.monotonic() - now))
    runs = _halved(given, by, goal, runs, deadline, generator)
    told = tuple(_account(given, run) for run in runs)
    spent = [run.made for run in runs]
    totals = sum(d.steps for d in spent), sum(d.evaluations for d in spent)
    return Search(_best(runs).made, told, *totals, work + sum(d.flops for d in spent))


def _halved(
    given: Prepared,
    by: Method,
    goal: Aim,
    runs: list[_Run],
    deadline: float,
    generator: torch.Generator,
) -> list[_Run]:
    """Return all runs, the better ones carried on until they end or the time is up."""
    live, steps = list(range(len(runs))), STEPS[by]
    while time.monotonic() < deadline and _best(runs).loss > goal.deep:
        live = sorted((n for n in live if runs[n].unfinished), key=lambda n: runs[n].loss)
        near = _best(runs).loss <= goal.enough
        live = live[:1] if near else live[: math.ceil(len(live) / 2)]
        if not live:
            break
        steps *= LONGER
        for place, n in enumerate(live):
            now = time.monotonic()
            share = now + (deadline - now) / (len(live) - place)
            more = descend(
                given.problem, by, runs[n].made.vector, Until(goal.deep, steps, share), generator
            )
            runs[n] = _carried(runs[n], more, time.monotonic() - now)
            if runs[n].loss <= goal.enough:
                break
    return runs


def _carried(run: _Run, more: Descent, seconds: float) -> _Run:
    """Return a run with a further descent behind it."""
    better = more if more.loss <= run.loss else run.made
    made = Descent(
        better.vector,
        better.loss,
        run.made.steps + more.steps,
        run.made.evaluations + more.evaluations,
        run.made.flops + more.flops,
        more.end,
    )
    return dataclasses.replace(run, made=made, seconds=run.seconds + seconds)


def _best(runs: list[_Run]) -> _Run:
    return min(runs, key=lambda run: run.loss)


def _cut(runs: list[_Run]) -> int:
    return sum(run.made.end == "time" for run in runs)


def _vectors(
    given: Prepared, starts: int, generator: torch.Generator
) -> Iterator[tuple[str, Tensor, float]]:
    """Yield starts: name, weights (p,), operations that finding them took."""
    own = given.own
    begun = given.problem.users(given.problem.value(own))
    if given.constant is not None and begun < KNOWS * given.constant:
        yield "as given", own, 0.0
    for number in range(1, starts + 1):
        yield f"drawn {number}", *drawn(given, number - 1, generator)
        if number == 1 and given.problem.squares:
            yield "straight", *solved(given, given.drawn(generator, straight=True))


def drawn(given: Prepared, number: int, generator: torch.Generator) -> tuple[Tensor, float]:
    """Return weights (p,) to start from, and the operations that they took; number: from 0."""
    return solved(given, given.drawn(generator, sharp=SHARP[number % len(SHARP)]))


def solved(given: Prepared, module: torch.nn.Module) -> tuple[Tensor, float]:
    """Return a module's weights (p,), with the last layer solved where squares are asked for."""
    problem, work = given.problem, 0.0
    if problem.squares and problem.network.dtype == torch.float64:
        work = solve_last_layer(module, problem.inputs, problem.targets, problem.shares)
    return vector_of(module), work


def _account(given: Prepared, run: _Run) -> Start:
    users, made = given.problem.users, run.made
    begun, loss = users(run.begun), users(run.loss)
    return Start(run.name, begun, loss, made.steps, made.evaluations, run.seconds, made.end)
