"""A run with its bugs mended, written down as if it had been recorded."""

import dataclasses

import numpy as np
import pytest
import torch
from setups import X, Y, changed, perceptron, plain_loop

from unstuck.core.change import Change, Kind
from unstuck.core.recording import SCHEMA, Recording
from unstuck.core.setup import Loop, Optimizer
from unstuck.core.transform import Unchangeable, with_rate
from unstuck.trial.draw import starts
from unstuck.trial.masked import mends, unmasked

IDLE = perceptron(
    steps=30,
    loop=Loop(steps=False),
    optimizer=Optimizer("SGD", ({"lr": 0.1, "weight_decay": 1.0},)),
)
STEP = Change("missing-step", "call step()", lambda s: changed(s, loop=Loop()), kind=Kind.BUG)
EMPTY = Recording(
    SCHEMA, "torch", {}, "", (), "finished", (), (), {}, IDLE, {}, {"ladder": "none"}, {}
)


def refuses(setup):
    raise Unchangeable("nothing to change")


NONE = Change("loss-broadcast", "", refuses, kind=Kind.BUG)


def test_it_is_the_run_of_a_plain_loop_with_the_mend():
    seen = unmasked(EMPTY, IDLE, (NONE, STEP), 60.0)
    mended = changed(IDLE, loop=Loop())
    weights = {slot: rows[0] for slot, rows in starts(mended, 1, 0).items()}
    rows = [(torch.from_numpy(IDLE.data.rows[X]), torch.from_numpy(IDLE.data.rows[Y]))] * 30
    losses, end = plain_loop(mended, weights, rows)
    table = seen.tables["loss"]
    assert table.steps[-1] == 29 and table.at("loss", 0) == pytest.approx(losses[0], rel=1e-5)
    assert table.at("loss") == pytest.approx(losses[-1], rel=1e-4)
    ours = np.concatenate([p.end.ravel() for p in seen.setup.parameters])
    assert ours == pytest.approx(np.asarray(end).ravel(), abs=1e-5)
    assert seen.tables["gradient_at_step"].at("gradient", 0) > 0
    assert seen.tables["stale_gradient"].at("gradient") == 0
    assert seen.gaps == {} and seen.setup.loop.steps


def test_without_a_mend_that_means_something_here_there_is_none():
    assert unmasked(EMPTY, IDLE, (NONE,), 60.0) is None
    assert unmasked(EMPTY, IDLE, (STEP,), 0.0) is None  # too dear


def test_mends_are_those_of_bugs_and_the_strongest_of_the_data():
    mild = Change("inputs-unscaled", "mild", lambda s: s, kind=Kind.DATA)
    strong = dataclasses.replace(mild, say="strong", size=1)
    rate = Change("lr-too-small", "faster", lambda s: with_rate(s, 10.0), kind=Kind.BUG)
    wide = Change("too-little-capacity", "wide", lambda s: s, kind=Kind.ARCHITECTURE)
    known = {one[0].name: one for one in ((mild, strong), (STEP,), (rate,), (wide,))}
    assert mends(IDLE, known) == (STEP, strong)
