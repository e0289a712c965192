"""Whether a trial is a trial of this run: repeated steps against the recorded losses."""

import dataclasses

import numpy as np
import pytest
import torch
from setups import X, Y, changed, perceptron, plain_loop, slot

from unstuck.core.recording import SCHEMA, Recording, Table
from unstuck.core.setup import Loop, Op, Optimizer, Plan
from unstuck.core.trial import Arm
from unstuck.replay import interpret, tensors
from unstuck.trial.batches import batches
from unstuck.trial.reproduce import apart, differs, late_losses


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


def test_steps_that_amplify_rounding_are_not_compared(monkeypatch):
    setup = perceptron((3, 20, 20, 1), optimizer=Optimizer("SGD", ({"lr": 0.1},)))
    parameters = tuple(dataclasses.replace(p, start=p.start * 20) for p in setup.parameters)
    wild = dataclasses.replace(setup, parameters=parameters)
    nearby = tuple(dataclasses.replace(p, start=p.start * np.float32(1 + 3e-7)) for p in parameters)
    losses = run(dataclasses.replace(wild, parameters=nearby)).tables["loss"].column("loss")
    made = recording(run(wild).setup, losses)
    assert differs(made) is None
    monkeypatch.setattr("unstuck.trial.reproduce.AMPLIFIED", 0.0)
    assert "repeating step" in differs(made)


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


def ended(setup, at):
    """The setup, whose weights ended as they began, and an ensemble whose losses lie about `at`."""
    parameters = tuple(dataclasses.replace(p, end=p.start) for p in setup.parameters)
    setup = changed(setup, parameters=parameters)
    weights = {p.slot: torch.from_numpy(p.start) for p in setup.parameters}
    rows = {slot: torch.from_numpy(part) for slot, part in setup.data.rows.items()}
    score = setup.program.score
    end = float(interpret(setup.program)(weights, rows, (score,))[score])
    losses = tuple(end + at + shift for shift in (0.0, 0.01, 0.02))
    return setup, end, Arm(0, 3, (0.0, 0.7), 8, None, losses)


def test_an_end_far_from_those_of_the_ensemble_is_told():
    setup, end, arm = ended(perceptron(), at=5.0)
    assert f"ended at {end:.4g}" in apart(setup, arm, goal=end)
    assert apart(*ended(perceptron(), at=0.0)[::2], goal=end) is None


def test_a_run_that_swings_might_have_ended_where_the_ensemble_did():
    setup, end, arm = ended(perceptron(), at=5.0)
    assert apart(setup, arm, end, late=[end, end + 4.9]) is None
    assert apart(setup, arm, end, late=[end, end + 1.0]) is not None


def test_late_losses_are_those_of_all_rows_in_the_last_tenth():
    losses = [*np.linspace(9, 1, 38), float("nan"), 0.5]
    assert late_losses(recording(perceptron(), losses)) == pytest.approx(
        [losses[36], losses[37], 0.5]
    )


def test_late_losses_of_batches_are_their_median_in_the_unit_of_all_rows():
    setup = perceptron(batch=4, order="epochs")
    values = interpret(setup.program)(
        tensors.weights(setup), tensors.rows(setup), want=(setup.program.score,)
    )
    start = float(values[setup.program.score])
    tail = [0.3, 0.1, 0.2, 5.0, 0.2]
    assert late_losses(recording(setup, [start, *np.linspace(9, 1, 44), *tail])) == [0.2]
    assert late_losses(recording(setup, [4 * start, *np.linspace(9, 1, 44), *tail])) == []
    assert late_losses(recording(setup, [start, 9.0, 1.0])) == []
