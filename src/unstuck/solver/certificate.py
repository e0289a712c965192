"""Whether a network's size is to blame: weights of its own that fit the rows, or none from so many starts."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import torch
from torch import nn

from unstuck.solver.descent import Descent, Until
from unstuck.solver.fit import aside, loss_of, returned, seconds
from unstuck.solver.fitted import THERE, number
from unstuck.solver.method import STEPS, descend, method
from unstuck.solver.prepared import Prepared, prepared
from unstuck.solver.starting import LONGER, ROUNDED, drawn
from unstuck.solver.unsolvable import Unsolvable
from unstuck.theory.interval import share_interval


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """Weights that fit the rows, or how many starts found none.

    model: a copy of the network with the best weights found, for raw rows; loss: its loss in its own
    precision, in the user's units; below: the loss that had to be undercut. fits: whether it was.
    impossible: no weights of this network can, by proof, and why is in the sentence. starts: how many
    were drawn; reached: how many of them came below; interval: exact 95 % interval of that share.
    """

    model: nn.Module
    loss: float
    below: float
    fits: bool
    impossible: bool
    starts: int
    reached: int
    interval: tuple[float, float]
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def certify(
    model: nn.Module,
    X: Any,
    y: Any,
    *,
    loss: Any = None,
    below: float | None = None,
    starts: int = 32,
    budget: str | float = "20s",
    random_state: int = 0,
) -> Certificate:
    """Look for weights of the user's own network that fit the rows, from several starts.

    X, y, loss, random_state: as in `unstuck.fit`. below: the loss to undercut; by default within 1 % of
    the gap from the best constant prediction to what no function of these inputs can undercut. Every
    start is drawn as the layers draw their weights, with thresholds inside the data, and solved; all of
    them are run, for the share. What the share says is how easily *this solver* finds such weights;
    gradient descent as a script runs it finds them less often. Raises Unsolvable.
    """
    if not isinstance(starts, int) or starts < 1:
        raise Unsolvable(f"starts={starts!r}; give a whole number of at least 1.")
    deadline = time.monotonic() + seconds(budget)
    with aside():
        generator = torch.Generator().manual_seed(random_state)
        given = prepared(model, X, y, loss, generator)
        level = _level(given, below)
        found = _descents(given, level, starts, deadline, generator)
        best = min(found, key=lambda each: each.loss)
        made = returned(model, given, best.vector)
        value = loss_of(made, given)
    reached = sum(given.problem.users(each.loss) <= level for each in found)
    fits = value <= level
    impossible = not fits and given.lowest is not None and given.lowest.loss > level
    interval = share_interval(reached, len(found))
    said = _sentence(given, fits, impossible, value, level, found, reached, interval)
    return Certificate(made, value, level, fits, impossible, len(found), reached, interval, said)


def _level(given: Prepared, below: float | None) -> float:
    if below is not None:
        return below
    if given.lowest is None or given.constant is None:
        raise Unsolvable(
            f"how low {given.loss.name} can go is not known; give the loss that counts as fitted: below=…"
        )
    return given.lowest.loss + THERE * (given.constant - given.lowest.loss)


def _descents(
    given: Prepared, level: float, starts: int, deadline: float, generator: torch.Generator
) -> list[Descent]:
    """Return a descent for each start that was begun before the deadline; at least one."""
    by, found = method(given.problem), list[Descent]()
    floor = given.lowest.loss if given.lowest is not None else 0.0
    wanted = floor + ROUNDED * (level - floor) if level > floor else level
    while len(found) < starts and (not found or time.monotonic() < deadline):
        until = Until(given.problem.here(wanted), LONGER * STEPS[by], deadline)
        vector, _ = drawn(given, len(found), generator)
        found.append(descend(given.problem, by, vector, until, generator))
    return found


def _sentence(
    given: Prepared,
    fits: bool,
    impossible: bool,
    value: float,
    level: float,
    found: list[Descent],
    reached: int,
    interval: tuple[float, float],
) -> str:
    low, high = interval
    tried = f"{reached} of {len(found)} starts (95 % interval {low:.2f} to {high:.2f})"
    if found[-1].end == "time":
        tried += ", the last of them cut off by the clock"
    if fits:
        return (
            f"These weights fit your data: the loss is {number(value)}, below {number(level)}, so the size"
            f" of the network is not to blame; the solver found such weights from {tried}."
        )
    if impossible and given.lowest is not None:
        return (
            f"No weights of this network come below {number(level)}: at least"
            f" {number(given.lowest.loss)} is left ({given.lowest.why}); the best found is {number(value)}."
        )
    return (
        f"No start of {len(found)} came below {number(level)} in the returned precision: the best is"
        f" {number(value)}. This proves nothing about the size: weights that fit may exist and be hard to"
        f" find; the solver found them from {tried}."
    )
