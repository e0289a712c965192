"""What a trial costs, by counting: so that budgets, and thus diagnoses, do not depend on the machine."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from unstuck.core.setup import Setup
from unstuck.trial.work import forward

MULTIPLY_ADDS = 3.0e10
"""Multiply-adds a second of one thread on small stacked matrices (measured over 20 shapes)."""

NUMBER = 1.0e-8
"""Seconds that a number costs which an elementwise operation computes, with its gradient (measured)."""

PARAMETER = 8.0e-9
"""Seconds that the update of a parameter costs (measured: 3 to 12 ns)."""

OPERATION = 2.0e-5
"""Seconds that an operation costs in a step, however small the ensemble is (measured)."""

LOOKING = 0.3
"""Share of the training's cost that looks over all rows may take in training by mini-batches."""

STEP = 1.0e-4
"""Seconds that a step costs besides (measured)."""


def seconds(setup: Setup, members: int, steps: int | None = None) -> float:
    """Return about how long it takes to train this many members of a setup."""
    rows = min(setup.plan.batch, setup.data.count)
    passes = setup.loop.backwards
    work = forward(setup, rows)
    per_member = passes * (3.0 * work.multiply_adds / MULTIPLY_ADDS + work.numbers * NUMBER)
    per_member += setup.size * PARAMETER
    if setup.plan.order != "full":
        per_member *= 1 + LOOKING
    made = setup.plan.steps if steps is None else steps
    return float(made) * (STEP + passes * work.operations * OPERATION + members * per_member)


@dataclasses.dataclass(frozen=True, slots=True)
class Size:
    """How large the ensembles of a search are; rows: rows kept in full-batch training.

    screen: of each rate of a grid; search: to see whether a set suffices; confirm: of a trial.
    """

    screen: int
    search: int
    confirm: int
    rows: int | None


MIN_MEMBERS = 12
"""Fewer starts cannot tell a share of .95 from one of .6 (12 of 12: lower 95 % bound .74)."""

LEAST = 2.5
"""The smallest ensemble may take this many times an arm's share: most searches need few arms."""

SEARCHED = 0.4
"""Share of an arm's seconds that one arm of the search may take; the rest is for confirming."""


def affordable(setup: Setup, members: int, seconds_each: float) -> Size | None:
    """Return ensemble sizes at which one arm takes about `seconds_each`; None if none does.

    Members are given up first, down to a dozen, then rows of a full batch, down to 256.
    """
    least = min(MIN_MEMBERS, members)
    for rows in (None, 1024, 512, 256):
        cut = fewer_rows(setup, rows)
        if rows is not None and cut is setup:
            continue
        confirm = _largest(cut, members, least, seconds_each)
        if confirm is not None:
            search = _largest(cut, max(members // 2, least), least, SEARCHED * seconds_each)
            return Size(least, search or least, confirm, rows)
    return None


def _largest(setup: Setup, members: int, least: int, limit: float) -> int | None:
    """Return the largest ensemble of members, a half, a quarter … that takes about `limit` seconds."""
    sizes = (members, members // 2, members // 4, least)
    fitting = (s for s in sizes if s >= least and seconds(setup, s) <= limit)
    small = least if seconds(setup, least) <= LEAST * limit else None
    return next(fitting, small)


def fewer_rows(setup: Setup, rows: int | None) -> Setup:
    """Return the setup on a random sample of its rows, where it trains on all of them at each step."""
    count = setup.data.count
    if rows is None or setup.plan.order != "full" or count <= rows:
        return setup
    index = np.sort(np.random.default_rng(0).permutation(count)[:rows])
    data = {slot: array[index] for slot, array in setup.data.rows.items()}
    whole = {slot: array[index] for slot, array in setup.data.originals.items()}
    return dataclasses.replace(
        setup,
        data=dataclasses.replace(setup.data, rows=data, complete=False, originals=whole),
        plan=dataclasses.replace(setup.plan, batch=rows, first=()),
    )


def longest(setup: Setup) -> int:
    """Return how many steps a trial may make: 20,000, or as many as the run where it made more."""
    return max(setup.plan.steps, 20_000)


def rounded(value: float) -> float:
    """Return the number rounded up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= value * (1 - 1e-9))
