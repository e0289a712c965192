"""Forecasts of recorded trainings against torch's own training of the same networks."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from probe_setups import drawn, network, recording

from unstuck.core.recording import Table
from unstuck.core.setup import Loop, Op, Optimizer
from unstuck.probe import tangent
from unstuck.probe.subject import subject
from unstuck.theory import timelapse

RATE = 0.1


def rows(count=12, features=2, seed=0):
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(count, features)).astype(np.float32)
    return inputs, np.sin(inputs.sum(1, keepdims=True)).astype(np.float32)


def regression(*, settings=None, activation="torch.tanh", sizes=(2, 8, 1), **more):
    optimizer = Optimizer("SGD", ({"lr": RATE, **(settings or {})},))
    return network(
        *rows(), drawn(sizes), activations=[activation] * (len(sizes) - 2), optimizer=optimizer, **more
    )  # fmt: skip


def real(setup, steps, momentum=0.0):
    """Losses before each step of torch's SGD in double precision, and after the last one."""
    inputs, targets = (torch.from_numpy(part).double() for part in rows())
    parts = [torch.tensor(p.start).double().requires_grad_() for p in setup.parameters]
    speeds, losses = [torch.zeros_like(part) for part in parts], []
    for _ in range(steps + 1):
        made = inputs
        for number in range(0, len(parts), 2):
            made = torch.nn.functional.linear(made, parts[number], parts[number + 1])
            made = torch.tanh(made) if number < len(parts) - 2 else made
        loss = torch.nn.functional.mse_loss(made, targets)
        losses.append(loss.item())
        grads = torch.autograd.grad(loss, parts)
        with torch.no_grad():
            for part, speed, grad in zip(parts, speeds, grads, strict=True):
                speed.mul_(momentum).add_(grad)
                part -= RATE * speed
    return np.array(losses)


@pytest.mark.parametrize("sizes", [(2, 8, 1), (2, 5, 4, 1)])
def test_the_jacobian_is_that_of_finite_differences(sizes):
    made = tangent.training(subject(regression(sizes=sizes)))
    found = made.jacobian(made.start)
    assert found.shape == (12, len(made.start))
    for place in range(len(made.start)):
        moved = np.zeros_like(made.start)
        moved[place] = 1e-5
        slope = made.residuals(made.start + moved) - made.residuals(made.start - moved)
        assert found[:, place] == pytest.approx(slope / 2e-5, abs=1e-7)


def test_the_gradient_is_the_jacobian_against_the_residuals():
    made = tangent.training(subject(regression()))
    product = made.jacobian(made.start).T @ made.residuals(made.start)
    assert made.gradient(made.start) == pytest.approx(product, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_steps_in_scaled_form_are_those_of_the_script(momentum):
    setup = regression()
    made = tangent.training(subject(setup))
    begun = timelapse.State(0.0, made.start, np.zeros_like(made.start), made.residuals(made.start))
    walked = [begun.loss, *(s.loss for s in timelapse.walked(made, begun, 30, momentum))]
    assert walked == pytest.approx(real(setup, 30, momentum), rel=1e-6)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_loss_in_scaled_form_is_that_of_the_script(reduction):
    setup = regression(loss_kwargs={"reduction": reduction})
    made = tangent.training(subject(setup))
    times = 1 if reduction == "mean" else 12
    loss = float((made.residuals(made.start) ** 2).sum() / 2)
    assert loss == pytest.approx(times * real(setup, 0)[0], rel=1e-6)


def test_each_groups_rate_goes_into_the_jacobian_by_its_root():
    setup = regression()
    two = Optimizer("SGD", ({"lr": RATE}, {"lr": 4 * RATE}))
    moved = tuple(dataclasses.replace(p, group=int(p.slot >= 2)) for p in setup.parameters)
    split = dataclasses.replace(setup, optimizer=two, parameters=moved)
    one, other = (tangent.training(subject(each)) for each in (setup, split))
    first, second = (each.jacobian(each.start) for each in (one, other))
    assert second[:, :24] == pytest.approx(first[:, :24])
    assert second[:, 24:] == pytest.approx(2 * first[:, 24:])


def test_weights_that_are_not_trained_are_left_out():
    setup = regression()
    frozen = (dataclasses.replace(setup.parameters[0], frozen=True), *setup.parameters[1:])
    made = tangent.training(subject(dataclasses.replace(setup, parameters=frozen)))
    assert len(made.start) == 8 + 8 + 1


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_steps_foreseen_of_a_script_are_those_of_its_training(momentum):
    setup = regression()
    losses = real(setup, 1500, momentum)
    target = float(losses[1200])
    truth = int(np.argmax(losses <= target))
    found = timelapse.lapse(tangent.training(subject(setup)), target, momentum=momentum)
    assert found.median == pytest.approx(truth, rel=0.2)


def test_momentum_of_an_optimizer_that_is_built_for_each_step_never_acts():
    setup = regression(settings={"momentum": 0.9})
    assert tangent.momentum_of(setup) == 0.9
    assert tangent.momentum_of(dataclasses.replace(setup, loop=Loop(recreated=True))) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"batch": 4, "order": "epochs"}, "mini-batches"),
        ({"optimizer": Optimizer("Adam", ({"lr": 0.1},))}, "Adam"),
        ({"settings": {"weight_decay": 0.1}}, "weight_decay"),
        ({"settings": {"nesterov": True, "momentum": 0.9}}, "nesterov"),
    ],
)
def test_updates_that_are_not_full_batch_gradient_descent_are_not_foretold(change, words):
    optimizer = change.pop("optimizer", None)
    setup = regression(**change)
    setup = dataclasses.replace(setup, optimizer=optimizer) if optimizer else setup
    with pytest.raises(tangent.Unforeseen, match=words):
        tangent.momentum_of(setup)


@pytest.mark.parametrize("loop", [Loop(clears="never"), Loop(backwards=2), Loop(clip_norm=1.0)])
def test_a_loop_with_other_habits_is_not_foretold(loop):
    with pytest.raises(tangent.Unforeseen, match="one pass"):
        tangent.momentum_of(dataclasses.replace(regression(), loop=loop))


def test_dropout_is_not_foretold():
    setup = regression(activation="torch.nn.functional.dropout")
    with pytest.raises(tangent.Unforeseen, match="at random"):
        tangent.momentum_of(setup)


@pytest.mark.parametrize("loss", ["l1", "huber"])
def test_another_loss_than_squares_is_not_foretold(loss):
    with pytest.raises(tangent.Unforeseen, match="squared error only"):
        tangent.training(subject(regression(loss=loss)))


def test_rows_that_depend_on_each_other_are_not_foretold():
    setup = regression()
    ops = list(setup.program.ops)
    centred = [
        Op("torch.mean", ({"slot": 202}, {"list": [0]}), {"keepdim": True}, (700,)),
        Op("torch.sub", ({"slot": 202}, {"slot": 700}), {}, (701,)),
    ]
    ops[1] = dataclasses.replace(ops[1], args=({"slot": 701},))
    program = dataclasses.replace(setup.program, ops=(ops[0], *centred, *ops[1:]))
    with pytest.raises(tangent.Unforeseen, match="the others in its batch"):
        tangent.training(subject(dataclasses.replace(setup, program=program)))


def stopped(setup):
    """The same training, which ended where it began."""
    parameters = tuple(dataclasses.replace(p, end=p.start) for p in setup.parameters)
    return dataclasses.replace(setup, parameters=parameters)


def measured(setup, goal, end):
    values = np.array([[goal, end]])
    ladder = Table("ladder", (0,), ("goal", "end"), values)
    return tangent.measure(subject(setup), recording(setup).with_tables(ladder))["foreseen"]


def test_a_run_that_missed_its_goal_is_told_the_steps_to_it():
    setup = regression()
    losses = real(setup, 1500)
    found = measured(stopped(setup), float(losses[1200]), float(losses[10]))
    assert found.at("lapse median") == pytest.approx(1200, rel=0.2)
    assert found.at("lapse low") < 1200 < found.at("lapse high")
    assert math.isnan(found.at("plateau"))


def test_a_run_that_met_its_goal_needs_no_forecast():
    assert "met its goal" in measured(regression(), 1.0, 0.5)


def test_without_the_weights_of_the_end_there_is_nothing_to_foresee():
    assert "ended was not recorded" in measured(regression(), 0.01, 0.5)


@pytest.mark.parametrize("limit", ["LARGEST", "WORK"])
def test_a_kernel_that_is_too_large_is_the_reason(monkeypatch, limit):
    monkeypatch.setattr(tangent, limit, 10)
    assert "is too large" in measured(stopped(regression()), 0.01, 0.5)
