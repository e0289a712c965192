"""A run of the procedure with its bugs mended, written down as a recording: what hid behind them shows there.

Faults mask each other: weight decay does nothing while no step is made, and units cannot die before there is an
activation. Measures and rules see such a fault only in a network that was trained without the other one.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from torch import Tensor
from torch.func import grad

from unstuck.core.change import Change, Kind
from unstuck.core.recording import Recording, Table
from unstuck.core.setup import Setup
from unstuck.core.transform import Unchangeable
from unstuck.replay import Unreplayable, interpret, tensors
from unstuck.trial.clock import Clock
from unstuck.trial.compiled import Shapes
from unstuck.trial.cost import seconds
from unstuck.trial.draw import starts
from unstuck.trial.ensemble import Course, OutOfTime, train
from unstuck.trial.grid import length_factor, rate_factor
from unstuck.trial.update import Untrainable

Changes = tuple[Change, ...]


def mends(setup: Setup, remedies: dict[str, Changes]) -> Changes:
    """Return the mend of every bug, and the strongest change of the data for each fault that has one."""
    found = [
        changes[-1] if changes[0].kind is Kind.DATA else changes[0] for changes in remedies.values()
    ]
    return tuple(
        change
        for change in sorted(found, key=lambda c: c.kind)
        if change.kind in {Kind.BUG, Kind.DATA}
        and not rate_factor(setup, change)
        and not length_factor(setup, change)
    )


def unmasked(
    recording: Recording, setup: Setup, changes: Changes, limit: float
) -> Recording | None:
    """Return the recording of one network trained with these changes, None where that has no meaning here.

    limit: seconds that it may take.
    """
    made = False
    for change in changes:
        try:
            setup, made = change.setup(setup), True
        except Unchangeable:
            continue
    if not made or seconds(setup, 1) > limit:
        return None
    try:
        result = train(setup, Course(-math.inf, 1, clock=Clock(limit)))
    except (OutOfTime, Untrainable, Unreplayable):
        return None
    begun = starts(setup, 1, 0)
    ended = Shapes(setup).split(result.flat)
    parameters = tuple(
        dataclasses.replace(p, start=begun[p.slot][0].numpy(), end=ended[p.slot][0].numpy())
        for p in setup.parameters
    )
    trained = dataclasses.replace(setup, parameters=parameters)
    losses = dict(result.curve[:-1])
    last = max(result.steps - 1, 1)
    norms = {0: _gradient(trained, "start"), last: _gradient(trained, "end")}
    tables = [
        _table("loss", "loss", losses),
        _table("stale_gradient", "gradient", dict.fromkeys(norms, 0.0)),
        _table("gradient_at_step", "gradient", norms),
        _table("gradient_after_backward", "gradient", norms),
    ]
    bare = dataclasses.replace(
        recording, setup=trained, tables={}, gaps={}, comparisons=(), evaluations=()
    )
    return bare.with_tables(*tables)


def _gradient(setup: Setup, when: str) -> float:
    """Return the length of the gradient over all rows at one end of the run."""
    run, end = interpret(setup.program), setup.program.loss
    rows = tensors.rows(setup)
    held = {p.slot for p in setup.parameters if not p.frozen}

    def loss(weights: dict[int, Tensor]) -> Tensor:
        return run(weights, rows, (end,))[end].reshape(())

    slopes = grad(loss)(tensors.weights(setup, "end" if when == "end" else "start"))
    squares = [float(slopes[slot].double().square().sum()) for slot in held]
    return math.sqrt(sum(squares))


def _table(quantity: str, site: str, values: dict[int, float]) -> Table:
    steps = tuple(sorted(values))
    return Table(quantity, steps, (site,), np.array([[values[step]] for step in steps]))
