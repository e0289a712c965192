"""Whether a trial is a trial of this run: repeated steps against the recorded losses."""

import dataclasses

import numpy as np
import pytest
import torch
from setups import X, Y, changed, perceptron, plain_loop, slot

from unstuck.core.recording import SCHEMA, Recording, Table
from unstuck.core.setup import Loop, Op, Optimizer, Plan
from unstuck.trial.batches import batches
from unstuck.trial.reproduce import differs


def recording(setup, losses):
    table = Table("loss", tuple(range(len(losses))), ("loss",), np.array(losses, float)[:, None])
    return Recording(
        SCHEMA, "torch", {}, "train.py", (), "finished", (), (), {"loss": table}, setup, {}, {}, {}
    )


def run(setup, **others):
    """The recording of a plain loop's training; `others`: what the loop did and the setup does not say."""
    count = setup.plan.batch
    first = [np.arange(i, i + count) % setup.data.count for i in range(8)]
    full = setup.plan.order == "full"
    known = changed(
        setup, plan=Plan(setup.plan.order, count, 8, (first[0],) if full else tuple(first))
    )
    weights = {p.slot: torch.from_numpy(p.start) for p in setup.parameters}
    done = changed(known, **others) if others else known
    losses, _ = plain_loop(done, weights, batches(known, 0))
    return recording(known, losses)


def test_a_run_that_is_repeated_does_not_differ():
    assert differs(run(perceptron())) is None
    assert differs(run(perceptron(batch=4, order="epochs"))) is None


@pytest.mark.parametrize(
    "others",
    [
        {"optimizer": Optimizer("SGD", ({"lr": 0.15},))},
        {"optimizer": Optimizer("SGD", ({"lr": 0.1, "momentum": 0.5},))},
        {"loop": Loop("never")},
        {"loop": Loop(clip_norm=0.05)},
    ],
)
@pytest.mark.parametrize("order", ["full", "epochs"])
def test_a_run_that_did_something_else_differs_and_says_where(others, order):
    because = differs(run(perceptron(batch=None if order == "full" else 4, order=order), **others))
    assert because is not None
    assert because.startswith("repeating step ")


def test_other_weights_differ_at_the_first_step():
    made = run(perceptron())
    parameters = tuple(dataclasses.replace(p, start=p.start + 0.1) for p in made.setup.parameters)
    moved = dataclasses.replace(made, setup=changed(made.setup, parameters=parameters))
    assert "repeating step 0" in differs(moved)


def test_a_loss_that_is_not_finite_ends_the_comparison():
    made = run(perceptron())
    losses = list(made.tables["loss"].column("loss"))
    assert differs(recording(made.setup, [*losses[:3], float("nan"), *losses[4:]])) is None


def test_a_loss_that_explodes_is_not_compared_any_longer():
    setup = perceptron(optimizer=Optimizer("SGD", ({"lr": 50.0},)), activation="relu")
    made = run(setup)
    losses = list(made.tables["loss"].column("loss"))
    assert max(losses) > 10 * losses[0]
    assert differs(made) is None


def test_without_the_rows_of_the_first_steps_nothing_can_be_repeated():
    made = run(perceptron())
    bare = dataclasses.replace(made, setup=changed(made.setup, plan_first=()))
    assert differs(bare) == "the rows of the first steps are not known"


def test_a_network_that_draws_numbers_cannot_be_repeated_and_is_believed():
    setup = perceptron(activation="nn.functional.dropout")
    made = recording(changed(setup, plan_first=(np.arange(12),)), [123.0] * 8)
    assert differs(made) is None


def test_a_rule_that_trials_cannot_follow_is_said():
    setup = perceptron(optimizer=Optimizer("LBFGS", ({"lr": 1.0},)))
    because = differs(recording(changed(setup, plan_first=(np.arange(12),)), [1.0]))
    assert because is not None
    assert "LBFGS" in because


def test_a_program_that_cannot_be_run_again_is_said_in_a_sentence():
    setup = perceptron()
    rows = {X: setup.data.rows[X][:, :2], Y: setup.data.rows[Y]}
    made = changed(setup, data_rows=rows, plan_first=(np.arange(12),))
    because = differs(recording(made, [1.0]))
    assert because is not None
    assert because.startswith("the recorded steps cannot be repeated: ")
    assert "\n" not in because


def test_a_loss_that_broadcasts_is_repeated_in_silence():
    setup = perceptron()
    rows = {X: setup.data.rows[X], Y: setup.data.rows[Y][:, 0]}
    ops = (
        *setup.program.ops[:-1],
        Op("torch.nn.functional.mse_loss", (slot(201), slot(Y)), {}, (999,)),
    )
    broad = changed(setup, data_rows=rows, program_ops=ops, plan_first=(np.arange(12),))
    x, y = torch.from_numpy(rows[X]), torch.from_numpy(rows[Y])
    w = [torch.from_numpy(p.start) for p in setup.parameters]
    out = torch.tanh(x @ w[0].T + w[1]) @ w[2].T + w[3]
    first = float((out - y).pow(2).mean())
    assert differs(recording(changed(broad, plan_steps=1), [first])) is None
