"""Is the trial a trial of this run? The recorded weights and batches must give the recorded losses."""

from __future__ import annotations

import dataclasses

import torch

from unstuck.core.recording import Recording
from unstuck.core.setup import Setup
from unstuck.trial.batches import batches
from unstuck.trial.compiled import Shapes, ensemble_step
from unstuck.trial.draw import starts

TOLERANCE = 1e-3
"""Relative difference of a repeated loss that is still taken for the same run (float32, reordered sums)."""


def differs(recording: Recording) -> str | None:
    """Return why trials of this recording cannot be believed, None where they can."""
    setup = recording.setup
    assert setup is not None
    if not setup.plan.first:
        return "the rows of the first steps are not known"
    table = recording.tables["loss"]
    recorded = dict(zip(table.steps, table.column("loss"), strict=True))
    random = _draws_numbers(setup)
    steps = max(len(setup.plan.first) // setup.loop.backwards, 1)
    for step, loss in enumerate(_losses(setup, 1 if random else steps)):
        expected = recorded.get(step)
        if expected is None or random:
            continue
        if not abs(loss - expected) <= TOLERANCE * max(abs(expected), 1e-6):
            return (
                f"repeating step {step} from the recorded weights gives a loss of {loss:.6g}"
                f" where the script had {expected:.6g}"
            )
    return None


def _losses(setup: Setup, steps: int) -> list[float]:
    exact = dataclasses.replace(setup, start="recorded")
    shapes = Shapes(exact)
    flat = shapes.flat(starts(exact, 1, 0))
    kept, step = ensemble_step(exact)
    state = [torch.zeros_like(flat) for _ in range(kept)]
    rates = [float(group["lr"]) for group in exact.optimizer.groups]
    rate = torch.cat(
        [
            torch.full((n,), rates[max(g, 0)])
            for n, g in zip(shapes.sizes, shapes.groups, strict=True)
        ]
    )
    hit, t, goal = torch.full((1,), -1.0), torch.zeros(()), torch.tensor(-torch.inf)
    found, source = [], batches(exact, 0)
    with torch.no_grad():
        for _ in range(steps):
            flat, hit, t, loss, *state = step(flat, hit, t, rate, goal, *state, *next(source))
            found.append(float(loss))
    return found


def _draws_numbers(setup: Setup) -> bool:
    """Whether the forward pass itself draws random numbers, so that no loss can be repeated."""
    return any("dropout" in op.short or op.short.startswith("rand") for op in setup.program.ops)
