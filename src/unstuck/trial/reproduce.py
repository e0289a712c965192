"""Is the trial a trial of this run? The recorded weights and batches must give the recorded losses."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from unstuck.core.recording import Recording, Table
from unstuck.core.setup import Setup
from unstuck.core.transform import as_ended, by_batch
from unstuck.core.trial import Arm
from unstuck.replay import Unreplayable, interpret, tensors
from unstuck.trial.compiled import Shapes, ensemble_step, row_slots
from unstuck.trial.draw import starts
from unstuck.trial.update import Untrainable

TOLERANCE = 1e-3
"""Relative difference of a repeated loss that is still taken for the same run (float32, reordered sums)."""

STEPS = 8
"""Updates that are repeated where every step sees all rows; enough to tell one update rule from another."""

UNIT = 2.0
"""Times that one batch's loss may lie above or below that of all rows, if both are means."""

FEW = 5
"""Losses of batches whose median is that of the run."""

GROWTH = 10.0
"""Once the loss is this many times its first value, rounding is amplified and no step can be repeated."""


EARLY = 0.1
"""Of the run's steps: what happened before is not what the network came to learn by."""

AMPLIFIED = 100.0
"""Roundings that a step may differ by from the recorded one: a sum over a hundred rows has up to as many."""


def differs(recording: Recording) -> str | None:
    """Return why trials of this recording cannot be believed, None where they can."""
    setup = recording.setup
    assert setup is not None
    if not setup.plan.first:
        return "the rows of the first steps are not known"
    if setup.loop.evaluates and (why := _changes_its_nature(setup)):
        return why
    try:
        return _first_difference(setup, recording.tables["loss"], _repeatable(recording))
    except (Untrainable, Unreplayable) as reason:
        return str(reason)
    except (RuntimeError, ValueError, TypeError, LookupError) as error:  # torch refused
        why = " ".join(str(error).split())[:200]
        return f"the recorded steps cannot be repeated: {why}"


def _changes_its_nature(setup: Setup) -> str:
    """Return why a training that goes over to evaluation mode cannot be tried, "" where it can.

    Where nothing but dropout ends with it, and ends early, trials train without any.
    """
    since = setup.loop.evaluates
    if any(by_batch(op) for op in setup.program.ops):
        return (
            f"from step {since:,} on the network is in evaluation mode, where BatchNorm goes by statistics"
            " that each start gathers of its own"
        )
    if since > EARLY * setup.made:
        return f"the network goes over to evaluation mode late, by step {since:,}"
    return ""


def _repeatable(recording: Recording) -> int:
    """Return how many steps are repeated.

    An estimator's penalty is divided by the rows of the batch, so it weighs more in a smaller last one: what comes
    after that is another procedure than one of equal batches.
    """
    setup = recording.setup
    assert setup is not None
    steps = min(STEPS, setup.made)
    ragged = [i for i, rows in enumerate(setup.plan.first) if len(rows) != setup.plan.batch]
    return min([steps, ragged[0] + 1] if recording.estimator and ragged else [steps])


def _first_difference(setup: Setup, table: Table, steps: int) -> str | None:
    if _draws_numbers(setup):
        _losses(setup, 1)  # raises what a trial would
        return None
    recorded = dict(zip(table.steps, (float(v) for v in table.column("loss")), strict=True))
    for step, (loss, twin) in enumerate(_losses(setup, steps)):
        expected = recorded.get(step)
        if expected is None:
            continue
        if not math.isfinite(expected) or abs(expected) > GROWTH * abs(recorded.get(0, expected)):
            break
        least = TOLERANCE * max(abs(expected), 1e-6)
        if AMPLIFIED * abs(twin - loss) > least:
            break
        if not abs(loss - expected) <= least:
            return (
                f"repeating step {step} from the recorded weights gives a loss of {loss:.6g}"
                f" where the script had {expected:.6g}"
            )
    return None


def apart(
    setup: Setup, untreated: Arm | None, goal: float, late: Sequence[float] = ()
) -> str | None:
    """Return why the untreated ensemble is not one of runs like the recorded one, None where it is.

    The recorded end may lie outside of the ensemble's losses by as much as these are spread, or by a
    tenth of the way to the goal: a dozen starts do not show their extremes. late: the losses over all
    rows at the last steps; a run that swings might have stopped at any of them.
    """
    if untreated is None or any(parameter.end is None for parameter in setup.parameters):
        return None
    return _outside([_score(setup, "end"), *late], untreated, goal)


def begun_apart(setup: Setup, untreated: Arm, goal: float, recorded: Table) -> str | None:
    """Return the same of trials that make only the beginning of the run, where `recorded` saw all rows."""
    if setup.plan.order != "full":
        return None  # the loss of a batch is not that of all rows
    late = _near(recorded, untreated.steps)
    return _outside(late[::-1], untreated, goal) if late else None


def _outside(ends: Sequence[float], untreated: Arm, goal: float) -> str | None:
    """Say that the run's losses, of which the first is the last one, lie outside of an ensemble's."""
    end = ends[0]
    losses = sorted(loss for loss in untreated.losses if math.isfinite(loss))
    if not math.isfinite(end) or len(losses) < len(untreated.losses):
        return None  # what overflows has no spread
    low, high = losses[0], losses[-1]
    slack = max(high - low, 0.1 * abs(high - goal))
    if low - slack <= max(ends) and min(ends) <= high + slack:
        return None
    return (
        f"networks trained as the script trains its own end between {low:.4g} and {high:.4g},"
        f" but the script's ended at {end:.4g}"
    )


def _near(recorded: Table, step: int) -> list[float]:
    """Return the recorded losses of the tenth of a run that ends at this step."""
    losses = zip(recorded.steps, recorded.column("loss"), strict=True)
    return [float(loss) for at, loss in losses if 0.9 * step <= at <= step and math.isfinite(loss)]


def late_losses(recording: Recording) -> list[float]:
    """Return the losses of the last tenth of a run that saw all rows at each step; of others their median.

    None where a batch's loss is in another unit than that of all rows, as a sum is.
    """
    setup = recording.setup
    if setup is None:
        return []
    losses = recording.tables["loss"].values[:, 0]
    late = [float(loss) for loss in losses[-max(len(losses) // 10, 1) :] if math.isfinite(loss)]
    if setup.plan.order == "full":
        return late
    first, start = float(losses[0]), _score(setup, "start")
    alike = start > 0 and 1 / UNIT < first / start < UNIT
    return [float(np.median(late))] if alike and len(late) >= FEW else []


def _score(setup: Setup, when: Literal["start", "end"]) -> float:
    """Return the loss over all rows at one end of the run."""
    setup, want = as_ended(setup) if when == "end" else setup, (setup.program.score,)
    values = interpret(setup.program)(tensors.weights(setup, when), tensors.rows(setup), want=want)
    return float(values[setup.program.score])


def _losses(setup: Setup, steps: int) -> list[tuple[float, float]]:
    """Return the loss of each step, and that of a twin whose starting weights are one rounding away."""
    exact = dataclasses.replace(setup, start="recorded")
    shapes = Shapes(exact)
    flat = shapes.flat(starts(exact, 2, 0))
    signs = torch.from_numpy(np.random.default_rng(0).choice([-1.0, 1.0], flat.shape[1]))
    flat[1] *= 1 + torch.finfo(flat.dtype).eps * signs.to(flat.dtype)
    kept, step = ensemble_step(exact)
    state = [torch.zeros_like(flat) for _ in range(kept)]
    rates = [float(group["lr"]) for group in exact.optimizer.groups]
    each = zip(shapes.sizes, shapes.groups, strict=True)
    rate = torch.cat([torch.full((n,), rates[g] if g >= 0 else 0.0) for n, g in each])
    hit, t, goal = torch.full((2,), -1.0), torch.zeros(()), torch.tensor(-torch.inf)
    schedule, factor = dict(exact.optimizer.schedule), 1.0
    found = []
    with torch.no_grad():
        for number, rows in zip(range(steps), _recorded(exact), strict=False):
            factor = schedule.get(number, factor)
            flat, hit, t, loss, *rest = step(flat, hit, t, rate * factor, goal, *state, *rows)
            state = rest[:kept]
            found.append((float(loss[0]), float(loss[1])))
    return found


def _recorded(setup: Setup) -> Iterator[tuple[Tensor, ...]]:
    """Yield the rows of each recorded step, whatever its size (the last of a pass may be smaller)."""
    backwards = setup.loop.backwards
    whole = [np.ascontiguousarray(setup.data.rows[slot]) for slot in row_slots(setup)]
    while setup.plan.order == "full":
        yield tuple(map(torch.from_numpy, whole)) * backwards
    for begin in range(0, len(setup.plan.first) - backwards + 1, backwards):
        picked = setup.plan.first[begin : begin + backwards]
        yield tuple(torch.from_numpy(array[index]) for index in picked for array in whole)


def _draws_numbers(setup: Setup) -> bool:
    """Whether the forward pass itself draws random numbers, so that no loss can be repeated."""
    return any("dropout" in op.short or op.short.startswith("rand") for op in setup.program.ops)
