"""Train many networks of one Setup at once, and count how many reach the goal.

The answer to "does it learn?" is a share of starts with its interval, never one run.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import torch
from torch import Tensor

from unstuck.core.setup import Setup
from unstuck.core.trial import Arm
from unstuck.theory.interval import share_interval
from unstuck.trial.batches import batches
from unstuck.trial.bundle import bundle
from unstuck.trial.clock import Clock
from unstuck.trial.compiled import (
    Function,
    Shapes,
    compiled,
    ensemble_loss,
    ensemble_step,
    row_slots,
    signature,
)
from unstuck.trial.cost import LOOKING
from unstuck.trial.draw import starts
from unstuck.trial.memory import keep_freed
from unstuck.trial.patience import waiting

CHECK_EVERY = 50
"""Steps between looks at whether every member has met the goal."""

LOOKS = 200
"""How often the loss is looked at, at most."""

LEAST_LOOKS = 40
"""How often it is, at least: enough to tell half of a run's length from the whole."""

FEWEST_LOOKED_AT = 256
"""Rows that a look takes at least, where all of them would cost more than that: a sample, the same each time."""

MAX_EVAL_ROWS = 4096
"""Rows over which the loss is measured; above it the share's error is far below the ensemble's."""


class OutOfTime(Exception):
    """The time for proofs is over."""


@dataclasses.dataclass(frozen=True, slots=True)
class Course:
    """What an ensemble is trained towards, and how.

    goal: loss that counts as learned; members; seed: of starts and batches; clock:
    of the time for all proofs; all_steps: train to the end although every member is at the goal (a loop that
    never clears its gradients is always trained to the end, since it does not stay there). judge: the same
    training with the loss that was meant, where that is not the loss that is trained.
    """

    goal: float
    members: int
    seed: int = 0
    clock: Clock = dataclasses.field(default_factory=Clock)
    all_steps: bool = False
    rates: tuple[float, ...] = (1.0,)
    judge: Setup | None = None


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Result:
    """An ensemble after training.

    hits: (members,) step at which each first met the goal, -1 where it never did or where it is not
    at the goal in the end; losses: (members,) final loss over all rows; curve: (step, median loss);
    steps: how many were made; looked: (looks, members) the losses at the steps of the curve; flat: (members,
    P) the weights in the end.
    """

    hits: Tensor
    losses: Tensor
    curve: tuple[tuple[int, float], ...]
    steps: int
    looked: Tensor
    flat: Tensor

    def arm(self, within: int | None = None, members: slice = slice(None)) -> Arm:
        """Return the share that met the goal within this many steps (all of them by default)."""
        hits = self.hits[members]
        limit = self.steps if within is None else within
        met = sorted(int(hit) for hit in hits if 0 <= hit <= limit)
        median = float(met[len(hits) // 2]) if len(met) > len(hits) // 2 else None
        losses = tuple(float(loss) for loss in self.losses[members])
        interval = share_interval(len(met), len(hits))
        kept = bundle([step for step, _ in self.curve], self.looked[:, members].numpy())
        return Arm(
            len(met), len(hits), interval, min(limit, self.steps), median, losses, self.curve, kept
        )

    def until(self, steps: int | None) -> Result:
        """Return the same ensemble, of which only those count that met the goal by then (None: all)."""
        if steps is None:
            return self
        hits = torch.where(self.hits > steps, torch.tensor(-1.0), self.hits)
        return dataclasses.replace(self, hits=hits)


def train(setup: Setup, course: Course) -> Result:
    """Train `course.members` networks of this setup, for each of `course.rates` times its rate.

    Members of the second rate follow those of the first, with the same starts. Raises Untrainable,
    Unreplayable, OutOfTime.
    """
    torch.set_num_threads(1)
    keep_freed()
    torch.manual_seed(course.seed)
    shapes = Shapes(setup)
    flat = shapes.flat(starts(setup, course.members, course.seed))
    flat = flat.repeat(len(course.rates), 1)
    base = _rate(setup, shapes, course)
    kept, step = ensemble_step(setup)
    state = [torch.zeros_like(flat) for _ in range(kept)]
    hit, t = torch.full((len(flat),), -1.0), torch.zeros(())
    goal = torch.tensor(course.goal, dtype=flat.dtype)
    source = batches(setup, course.seed)
    rows = next(source)
    with torch.no_grad():
        run = compiled(
            step,
            (flat, hit, t, base, goal, *state, *rows),
            uses=setup.plan.steps,
            key=("step", signature(setup)),
        )
        full = setup.plan.order == "full" and course.judge is None
        aim = goal if full else torch.full_like(goal, -math.inf)  # one batch does not tell
        judge = course.judge or setup
        looks, seen = (LOOKS, 0) if full else _affordable_looks(setup)
        sample = None if full else _Whole(judge, flat, looks, seen)
        settles = not course.all_steps and setup.loop.clears != "never"
        schedule, rate = dict(setup.optimizer.schedule), base
        patience = waiting(setup, shapes, len(flat))
        curve: list[tuple[int, float]] = []
        looked: list[Tensor] = []
        look = _looks(setup.plan.steps, looks)
        made = 0
        for made in range(1, setup.plan.steps + 1):
            if made - 1 in schedule:
                rate = base * schedule[made - 1]
            before = flat
            flat, hit, t, losses, *rest = run(flat, hit, t, rate, aim, *state, *rows)
            state = rest[:kept]
            if patience is not None:
                flat = patience.kept(before, flat)
                patience.passed(made, rest[kept], flat)
            if not full:
                rows = next(source)
            if made - 1 in look:
                if sample is not None:
                    losses = sample.loss(flat)
                    hit = torch.where((losses <= goal) & (hit < 0), torch.tensor(float(made)), hit)
                curve.append((made - 1, _median(losses)))
                looked.append(losses.clone())
            if course.clock.over:
                raise OutOfTime
            if patience is not None and patience.over:
                break
            if made % CHECK_EVERY == 0 and settles and bool((hit >= 0).all()):
                now = losses if sample is None else sample.loss(flat)
                if bool((now <= goal).all()) and (
                    sample is None or bool((_Whole(judge, flat).loss(flat) <= goal).all())
                ):
                    break
        final = _Whole(judge, flat).loss(flat)
    hit = torch.where((final <= goal) & (hit < 0), torch.tensor(float(made)), hit)
    hit = torch.where(final <= goal, hit, torch.tensor(-1.0))
    curve.append((made, _median(final)))
    return Result(hit, final, tuple(curve), made, torch.stack([*looked, final]), flat)


class _Whole:
    """The loss of every member over all rows, or so many; uses: how often it will be asked for."""

    def __init__(
        self, setup: Setup, flat: Tensor, uses: int = 1, most: int = MAX_EVAL_ROWS
    ) -> None:
        count = setup.data.count
        index = np.arange(count)
        if count > most:
            index = np.sort(np.random.default_rng(0).permutation(count)[:most])
        arrays = (setup.data.rows[slot][index] for slot in row_slots(setup))
        self.rows = tuple(torch.from_numpy(np.ascontiguousarray(array)) for array in arrays)
        key = ("loss", signature(setup))
        self._run: Function = compiled(ensemble_loss(setup), (flat, *self.rows), uses=uses, key=key)

    def loss(self, flat: Tensor) -> Tensor:
        """Return (M,) losses."""
        return self._run(flat, *self.rows)[0]


def _rate(setup: Setup, shapes: Shapes, course: Course) -> Tensor:
    """Return learning rates: (M, 1), or (M, P) where parameter groups differ."""
    factors = torch.tensor(course.rates).repeat_interleave(course.members).reshape(-1, 1)
    rates = [float(group["lr"]) for group in setup.optimizer.groups]
    if len(set(rates)) == 1 and min(shapes.groups) >= 0:
        return factors * rates[0]
    each = [rates[g] if g >= 0 else 0.0 for g in shapes.groups]
    row = torch.cat([torch.full((n,), r) for n, r in zip(shapes.sizes, each, strict=True)])
    return factors * row


def _affordable_looks(setup: Setup) -> tuple[int, int]:
    """Return how many looks over how many rows take `LOOKING` of the training.

    A forward pass is a third of a step's. Looks are given up first, then rows.
    """
    count = min(setup.data.count, MAX_EVAL_ROWS)
    trained = setup.plan.steps * min(setup.plan.batch, count) * setup.loop.backwards
    rows = round(LOOKING * 3 * trained)
    looks = min(LOOKS, max(LEAST_LOOKS, round(rows / count)))
    return looks, min(count, max(FEWEST_LOOKED_AT, rows // looks))


def _looks(steps: int, count: int) -> set[int]:
    """Return the steps at which the curve gets a point: evenly, and a fifth more densely at first."""
    even = {round(i * (steps - 1) / count) for i in range(count + 1)}
    early = {round(steps ** (i / (count // 5))) - 1 for i in range(count // 5)}
    return even | early


def _median(losses: Tensor) -> float:
    return float(losses.nanmedian())
