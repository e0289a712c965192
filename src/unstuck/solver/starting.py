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
NEAR = 1e-3  # of the gap from a constant to the bound: nearer than that no further start is needed
DEEP = {"squares": 1e-9, "absolute": 1e-9}
SURE = 1e-6  # of the same gap, for cross-entropies: what is left below only makes weights grow
SHARE = 0.5  # of the time that is left, for one start; the rest is for others and for the best one
LONGER = 10  # times its most steps, for the best start at the end
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
    """Losses in the units of the solving: `deep` ends a descent, `enough` ends the search."""

    deep: float
    enough: float


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
    deep = DEEP.get(given.loss.kind, SURE)
    return Aim(problem.here(low + deep * gap), problem.here(low + NEAR * gap))


def search(
    given: Prepared,
    by: Method,
    goal: Aim,
    starts: int,
    deadline: float,
    generator: torch.Generator,
    *,
    polish: bool = True,
) -> Search:
    """Return the best of several starts: the model's own if it knows something, then drawn ones.

    A start may use half of the time that is left. After two that ran out of time no more are begun,
    and the best goes on with what remains.
    """
    told: list[Start] = []
    found: list[Descent] = []
    work = 0.0
    for name, vector, solving in _vectors(given, starts, generator):
        work += solving
        now = time.monotonic()
        cut = sum(each.end == "time" for each in found)
        if found and (_best(found).loss <= goal.enough or cut >= 2 or now >= deadline):
            break
        until = Until(goal.deep, STEPS[by], now + SHARE * (deadline - now))
        begun = given.problem.value(vector)
        made = descend(given.problem, by, vector, until, generator)
        found.append(made)
        told.append(_account(given, name, begun, made, time.monotonic() - now))
    spent = list(found)
    best = _best(found)
    if polish and best.end in {"time", "steps"} and time.monotonic() < deadline:
        until = Until(goal.deep, LONGER * STEPS[by], deadline)
        more = descend(given.problem, by, best.vector, until, generator)
        spent.append(more)
        best = min((best, more), key=lambda each: each.loss)
    totals = (sum(d.steps for d in spent), sum(d.evaluations for d in spent))
    return Search(best, tuple(told), *totals, work + sum(d.flops for d in spent))


def _best(found: list[Descent]) -> Descent:
    return min(found, key=lambda each: each.loss if each.loss == each.loss else math.inf)


def _vectors(
    given: Prepared, starts: int, generator: torch.Generator
) -> Iterator[tuple[str, Tensor, float]]:
    own = given.own
    knows = given.constant is not None and given.problem.users(given.problem.value(own))
    if knows and given.constant is not None and knows < given.constant:
        yield "as given", own, 0.0
    for number in range(1, starts + 1):
        yield f"drawn {number}", *drawn(given, number - 1, generator)


def drawn(given: Prepared, number: int, generator: torch.Generator) -> tuple[Tensor, float]:
    """Return weights (p,) to start from, and the operations that they took; number: of the start, from 0.

    Where squares are asked for, the last layer is solved.
    """
    module = given.drawn(generator, sharp=SHARP[number % len(SHARP)])
    problem = given.problem
    if problem.squares and problem.network.dtype == torch.float64:
        work = solve_last_layer(module, problem.inputs, problem.targets, problem.shares)
        return vector_of(module), work
    return vector_of(module), 0.0


def _account(given: Prepared, name: str, begun: float, made: Descent, seconds: float) -> Start:
    users = given.problem.users
    return Start(
        name, users(begun), users(made.loss), made.steps, made.evaluations, seconds, made.end
    )
