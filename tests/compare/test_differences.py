"""Two trainings side by side: each difference is seen, and its transplant makes the one like the other there."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

import unstuck
from trial.setups import X, Y, perceptron
from unstuck.compare import compare
from unstuck.compare.differences import differences, with_draws
from unstuck.compare.graft import grafted
from unstuck.core.options import Options
from unstuck.core.setup import Draw, Loop, Optimizer
from unstuck.core.transform import Unchangeable

A = perceptron()


def data(rows):
    return dataclasses.replace(A, data=dataclasses.replace(A.data, rows=rows))


def with_plan(**fields):
    return dataclasses.replace(A, plan=dataclasses.replace(A.plan, **fields))


def drawn(setup):
    draws = (Draw("xavier_uniform", (1.0,)),)
    parameters = tuple(dataclasses.replace(p, draws=draws) for p in setup.parameters)
    return dataclasses.replace(setup, parameters=parameters)


OTHERS = {
    "inputs": data({X: A.data.rows[X] * 100, Y: A.data.rows[Y]}),
    "shape of the targets": data({X: A.data.rows[X], Y: A.data.rows[Y][:, 0]}),
    "network": dataclasses.replace(perceptron((3, 9, 1)), data=A.data),
    "initialisation": drawn(A),
    "lr": dataclasses.replace(A, optimizer=Optimizer("SGD", ({"lr": 0.5},))),
    "optimizer": dataclasses.replace(A, optimizer=Optimizer("Adam", ({"lr": 0.1},))),
    "updates": with_plan(steps=7),
    "batch": with_plan(batch=3),
    "when gradients are cleared": dataclasses.replace(A, loop=Loop(clears="never")),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_difference_is_seen_by_itself(name):
    assert [one.name for one in differences(A, OTHERS[name])] == [name]


@pytest.mark.parametrize("name", OTHERS)
def test_its_transplant_leaves_none(name):
    (one,) = differences(A, OTHERS[name])
    assert one.change is not None
    assert differences(one.change.setup(A), OTHERS[name]) == []


def test_the_same_training_has_no_difference():
    assert differences(A, perceptron()) == []


def test_rows_in_another_order_are_the_same_rows():
    order = np.random.default_rng(1).permutation(len(A.data.rows[X]))
    assert differences(A, data({slot: rows[order] for slot, rows in A.data.rows.items()})) == []


def test_weights_that_the_other_framework_stores_turned_round_are_turned_back():
    turned = tuple(dataclasses.replace(p, start=p.start.T) for p in drawn(A).parameters)
    given = with_draws(A, turned).parameters
    assert [p.draws[0].how for p in given] == ["xavier_uniform"] * 4
    assert all(np.array_equal(p.start, q.start) for p, q in zip(given, A.parameters, strict=True))


def test_a_setting_that_is_off_is_one_that_is_not_there():
    other = dataclasses.replace(A, optimizer=Optimizer("SGD", ({"lr": 0.1, "momentum": 0.0},)))
    assert differences(A, other) == []


def test_other_targets_are_told_and_not_tried():
    (one,) = differences(A, data({X: A.data.rows[X], Y: A.data.rows[Y] * 3}))
    assert one.name == "targets" and one.change is None and "cannot be compared" in one.because


def test_a_loss_is_grafted_behind_the_other_network_and_judged_as_before():
    other = perceptron(loss="l1_loss")
    (one,) = differences(A, other)
    assert (one.part, one.a, one.b) == ("loss", "mse_loss", "l1_loss")
    made = one.change.setup(A).program
    assert made.judged == A.program.loss and made.loss != made.judged
    last = made.ops[-1]
    assert last.short == "l1_loss" and last.slots() == (made.prediction, Y)


def test_a_loss_that_reads_more_than_predictions_and_targets_is_not_grafted():
    other = perceptron(loss="l1_loss")
    ops = (
        *other.program.ops[:-1],
        dataclasses.replace(other.program.ops[-1], args=({"slot": 200}, {"slot": Y})),
    )
    program = dataclasses.replace(other.program, ops=ops)
    with pytest.raises(Unchangeable, match="more than its predictions"):
        grafted(A, dataclasses.replace(other, program=program))


def recorded(shape, rate):
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 48).unsqueeze(1)
    y = (x**2).reshape(shape)
    with unstuck.watch() as w:
        model = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        for _ in range(250):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
    return w.recorded()


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_the_difference_that_matters_is_proved_by_its_transplant_and_the_other_is_not():
    sick, well = recorded((-1,), 0.02), recorded((-1, 1), 0.03)
    found = compare(well, sick, Options(members=16, seconds=120.0))
    assert found.turned and found.a.verdict == "stuck" and found.b.verdict == "learned"
    assert [one.name for one in found.found] == ["shape of the targets", "lr"]
    assert found.matters == ("shape of the targets",)
    assert (found.untreated.learned, found.treated.learned) == (0, 16)
    both = compare(well, well, Options(members=16))
    assert both.because == "nothing is to be explained: both learn"
