"""Towards other targets: what is trained changes, what is judged does not."""

import dataclasses

import numpy as np
import pytest
import torch
from setups import X, Y, flat_of, perceptron

from unstuck.core.setup import Data, Op
from unstuck.core.transform import (
    Unchangeable,
    judged_by_logarithms,
    logarithmic_targets,
    matched_shapes,
    standardised_targets,
)
from unstuck.core.transform.targets import original
from unstuck.replay import interpret, tensors
from unstuck.trial.batches import batches
from unstuck.trial.compiled import ensemble_loss, ensemble_step
from unstuck.trial.draw import starts
from unstuck.trial.ensemble import Course, train

LOSSES = ["mse_loss", "l1_loss", "huber_loss"]


def far(loss="mse_loss", mean=100.0, spread=3.0, **more):
    """A small regression whose targets lie far from zero."""
    setup = perceptron(loss=loss, **more)
    rows = {X: setup.data.rows[X], Y: setup.data.rows[Y] * np.float32(spread) + np.float32(mean)}
    return dataclasses.replace(setup, data=Data(rows))


def ends(setup):
    """The loss that is differentiated, and the one that goals are compared with."""
    values = interpret(setup.program)(tensors.weights(setup), tensors.rows(setup))
    return float(values[setup.program.loss]), float(values[setup.program.score])


def by_hand(setup, loss):
    """The same two numbers, from the formulas."""
    made = interpret(setup.program)(tensors.weights(setup), tensors.rows(setup))
    pred, y = made[setup.program.prediction], torch.from_numpy(setup.data.rows[Y])
    mean, spread = y.mean(), y.std(correction=0)
    function = getattr(torch.nn.functional, loss)
    return float(function(pred, (y - mean) / spread)), float(function(pred * spread + mean, y))


@pytest.mark.parametrize("loss", LOSSES)
def test_training_sees_standardised_targets_and_the_judge_the_old_ones(loss):
    setup = far(loss)
    assert ends(standardised_targets(setup)) == pytest.approx(by_hand(setup, loss), rel=1e-4)


def test_a_loss_written_out_is_followed_through_all_its_operations():
    setup = far()
    last = setup.program.prediction
    minus = Op("torch.Tensor.sub", ({"slot": last}, {"slot": Y}), {}, (900,))
    square = Op("torch.Tensor.pow", ({"slot": 900}, 2), {}, (901,))
    mean = Op("torch.Tensor.mean", ({"slot": 901},), {}, (999,))
    ops = (*setup.program.ops[:-1], minus, square, mean)
    written = dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))
    assert ends(standardised_targets(written)) == pytest.approx(ends(standardised_targets(setup)))


def test_shapes_that_were_matched_first_stay_matched():
    setup = far()
    flat = {**setup.data.rows, Y: setup.data.rows[Y][:, 0]}
    broadcast = dataclasses.replace(setup, data=Data(flat))
    mended = standardised_targets(matched_shapes(broadcast))
    assert ends(mended) == pytest.approx(ends(standardised_targets(setup)), rel=1e-5)


def test_each_column_has_its_own_statistics():
    setup = perceptron((3, 5, 2))
    columns = np.column_stack([np.arange(12) * 2.0 + 50, np.arange(12) * -0.1]).astype(np.float32)
    setup = dataclasses.replace(setup, data=Data({X: setup.data.rows[X], Y: columns}))
    changed = standardised_targets(setup)
    rows = changed.data.rows[changed.program.targets[1]]
    assert np.allclose(rows.mean(0), 0, atol=1e-5) and np.allclose(rows.std(0), 1, atol=1e-5)


def test_the_original_comes_back():
    setup = far()
    back = original(standardised_targets(setup))
    assert (back.program.ops, back.program.targets) == (setup.program.ops, setup.program.targets)
    assert back.program.score == setup.program.loss
    assert back.data.rows.keys() == setup.data.rows.keys()


def test_the_last_change_of_the_targets_holds():
    setup = far()
    assert ends(standardised_targets(standardised_targets(setup))) == pytest.approx(
        ends(standardised_targets(setup))
    )


def test_classes_have_no_scale():
    setup = perceptron((3, 5, 2), loss="cross_entropy")
    classes = {X: setup.data.rows[X], Y: np.zeros(12, np.int64)}
    with pytest.raises(Unchangeable, match="whole numbers"):
        standardised_targets(dataclasses.replace(setup, data=Data(classes)))


@pytest.mark.parametrize("loss", LOSSES)
def test_a_step_follows_the_trained_loss_and_reports_the_judged_one(loss):
    setup = standardised_targets(far(loss))
    flat = flat_of(setup, starts(setup, 3, 0))
    _kept, step = ensemble_step(setup)
    rows = next(batches(setup, 0))
    args = (torch.full((3,), -1.0), torch.zeros(()), torch.full((3, 1), 0.1), torch.tensor(0.0))
    later, _, _, losses, *_ = step(flat, *args, *rows)
    assert torch.allclose(losses, ensemble_loss(setup)(flat, *rows)[0])
    leaf = flat.clone().requires_grad_()
    trained = dataclasses.replace(setup, program=dataclasses.replace(setup.program, judged=None))
    ensemble_loss(trained)(leaf, *rows)[0].sum().backward()
    assert leaf.grad is not None
    assert torch.allclose(later, flat - 0.1 * leaf.grad, atol=1e-6)


def test_an_ensemble_reaches_a_goal_in_the_targets_own_unit():
    setup = far(mean=1000.0, spread=4.0, steps=600, rows=40)
    goal = 0.1 * float(setup.data.rows[Y].var())
    raw = train(setup, Course(goal, 4)).arm()
    scaled = train(standardised_targets(setup), Course(goal, 4)).arm()
    assert (raw.learned, scaled.learned) == (0, 4)
    assert all(0 < loss <= goal for loss in scaled.losses)


def tailed():
    """A small regression whose targets span orders of magnitude."""
    setup = perceptron()
    rows = {X: setup.data.rows[X], Y: np.exp(3 * setup.data.rows[Y]).astype(np.float32)}
    return dataclasses.replace(setup, data=Data(rows))


def test_logarithms_are_judged_in_their_own_unit():
    setup = tailed()
    changed = logarithmic_targets(setup)
    trained, judged = ends(changed)
    logs = np.log(setup.data.rows[Y])
    assert float(judged) == pytest.approx(float(trained) * logs.var(), rel=1e-4)


def test_untreated_networks_train_as_before_and_are_judged_by_logarithms():
    setup = tailed()
    trained, judged = ends(judged_by_logarithms(setup))
    program = setup.program
    run = interpret(program)
    made = run(tensors.weights(setup), tensors.rows(setup), want=(program.loss, program.prediction))
    rows = setup.data.rows[Y]
    predicted = np.log(np.maximum(made[program.prediction].detach().numpy(), rows.min()))
    assert float(trained) == pytest.approx(float(made[program.loss]), rel=1e-6)
    assert float(judged) == pytest.approx(float(np.mean((predicted - np.log(rows)) ** 2)), rel=1e-4)


def test_a_second_change_of_the_logarithms_is_the_same_as_one():
    once = logarithmic_targets(tailed())
    twice = logarithmic_targets(standardised_targets(tailed()))
    assert ends(once)[1] == pytest.approx(float(ends(twice)[1]), rel=1e-5)


def test_targets_that_are_not_all_positive_have_no_logarithm():
    with pytest.raises(Unchangeable, match="positive"):
        logarithmic_targets(perceptron())
