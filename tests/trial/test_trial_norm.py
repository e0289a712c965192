"""Networks that normalise: by the batch, by fixed statistics, and row by row."""

import dataclasses

import numpy as np
import pytest
import torch
from setups import X, perceptron, slot
from torch.nn import functional

from unstuck.core.setup import Op
from unstuck.core.transform import (
    Unchangeable,
    by_batch,
    by_fixed,
    dropped,
    in_training_mode,
    within_rows,
)
from unstuck.replay import interpret, tensors
from unstuck.trial.batches import batches
from unstuck.trial.compiled import Shapes, compiled, ensemble_step
from unstuck.trial.draw import starts


def normalising(*, training=True, more=(), **settings):
    """Eight hidden units, normalised over the batch."""
    setup = perceptron((3, 8, 1), rows=60, **settings)
    args = (slot(200), slot(500), slot(501), None, None, training, 0.1, 1e-5)
    op = Op("torch.nn.functional.batch_norm", args, {}, (600,), "norm")
    first, bend, *rest = setup.program.ops
    ops = (first, op, *more, dataclasses.replace(bend, args=(slot(600),)), *rest)
    fixed = {500: np.full(8, 3.0, np.float32), 501: np.full(8, 4.0, np.float32)}
    return dataclasses.replace(
        setup, program=dataclasses.replace(setup.program, ops=ops, constants=fixed)
    )


def value(setup, number=600):
    return interpret(setup.program)(tensors.weights(setup), tensors.rows(setup), (number, 200))


def test_in_training_mode_the_statistics_are_the_batchs():
    setup = normalising(training=False)
    values = value(in_training_mode(setup))
    torch.testing.assert_close(
        values[600], functional.batch_norm(values[200], None, None, training=True)
    )
    torch.testing.assert_close(value(setup)[600], (values[200] - 3.0) / (4.0 + 1e-5) ** 0.5)


def test_in_training_mode_what_drops_drops():
    drop = Op("torch.nn.functional.dropout", (slot(600), 0.5, False, False), {}, (601,))
    named = Op("torch.nn.functional.dropout", (slot(600),), {"p": 0.2, "training": False}, (602,))
    changed = in_training_mode(normalising(training=False, more=(drop, named)))
    assert [dropped(op) for op in changed.program.ops if op.short == "dropout"] == [0.5, 0.2]


def test_within_rows_it_is_a_layer_norm():
    values = value(within_rows(normalising()))
    torch.testing.assert_close(values[600], functional.layer_norm(values[200], (8,)))


def test_what_is_done_already_cannot_be_done():
    with pytest.raises(Unchangeable, match="stay as they are"):
        in_training_mode(normalising())
    with pytest.raises(Unchangeable, match="of the batch"):
        within_rows(normalising(training=False))


def test_the_mode_is_read_off_the_call():
    (before,) = [op for op in normalising().program.ops if op.short == "batch_norm"]
    usual = dataclasses.replace(before, args=before.args[:5])
    named = dataclasses.replace(usual, kwargs={"training": True})
    assert [by_batch(op) for op in (before, usual, named)] == [True, False, True]
    assert [by_fixed(op) for op in (before, usual, named)] == [False, True, False]
    assert not by_fixed(normalising().program.ops[0])


@pytest.mark.parametrize(
    "setup",
    [normalising(), within_rows(normalising()), normalising(training=False)],
    ids=["batch", "rows", "fixed"],
)
def test_an_ensemble_can_be_trained(setup):
    kept, step = ensemble_step(setup)
    flat = Shapes(setup).flat(starts(setup, 4, 0))
    state = [torch.zeros_like(flat) for _ in range(kept)]
    begin = (flat, torch.full((4,), -1.0), torch.zeros(()), torch.tensor(0.1), torch.tensor(0.0))
    example = (*begin, *state, *next(batches(setup, 0)))
    with torch.no_grad():
        fast = compiled(step, example)
        assert fast is not step
        torch.testing.assert_close(fast(*example)[0], step(*example)[0], rtol=1e-4, atol=1e-6)


def test_rows_stay_the_scripts():
    setup = normalising()
    assert within_rows(setup).data.rows[X] is setup.data.rows[X]
