"""Weights that no gradient reaches, against networks in plain PyTorch that are frozen or detached."""

import dataclasses

import numpy as np
import pytest
import torch
from setups import X, Y, changed, flat_of, perceptron, torch_network

from unstuck.core.setup import Loop, Op, Optimizer
from unstuck.core.transform import (
    Unchangeable,
    attached,
    chosen,
    comparable,
    cuts,
    group,
    scored,
    severed,
    unfrozen,
)
from unstuck.replay import tensors
from unstuck.trial.compiled import Shapes, ensemble_step
from unstuck.trial.draw import starts

STEPS = 6
OPTIMIZERS = {
    "SGD": {"lr": 0.2, "momentum": 0.9, "weight_decay": 0.1},
    "AdamW": {"lr": 0.05, "weight_decay": 0.1},
}


def frozen(setup, *slots):
    parameters = tuple(
        dataclasses.replace(one, frozen=one.slot in slots) for one in setup.parameters
    )
    return dataclasses.replace(setup, parameters=parameters)


def cut(setup):
    """The first activation is detached."""
    program, (first, bend, last, *rest) = setup.program, setup.program.ops
    detach = Op("torch.Tensor.detach", ({"slot": bend.outs[0]},), {}, (500,))
    last = dataclasses.replace(last, args=({"slot": 500}, *last.args[1:]))
    ops = (first, bend, detach, last, *rest)
    return dataclasses.replace(setup, program=dataclasses.replace(program, ops=ops))


def made(kind, **parts):
    optimizer = Optimizer(kind, (OPTIMIZERS[kind],))
    return perceptron(optimizer=optimizer, loop=Loop(clip_norm=0.05), dtype="float64", **parts)


def ours(setup):
    shapes = Shapes(setup)
    setup = changed(setup, start="recorded")
    flat = flat_of(setup, starts(setup, 1, 0))
    kept, step = ensemble_step(setup)
    state = [torch.zeros_like(flat) for _ in range(kept)]
    hit, t, goal = torch.full((1,), -1.0), torch.zeros(()), torch.tensor(0.0)
    lr = setup.optimizer.rate
    rates = [torch.full((n,), lr if g >= 0 else 0.0) for n, g in zip(shapes.sizes, shapes.groups)]  # noqa: B905
    rows = tuple(torch.from_numpy(setup.data.rows[slot]) for slot in (X, Y))
    for _ in range(STEPS):
        flat, hit, t, _, *state = step(flat, hit, t, torch.cat(rates), goal, *state, *rows)
    return flat[0]


def theirs(setup, *, freeze=False, detach=False):
    net = torch_network(setup, tensors.weights(setup))
    if freeze:
        net[0].requires_grad_(False)
    kind = setup.optimizer.kind
    optimizer = getattr(torch.optim, kind)(net.parameters(), **OPTIMIZERS[kind])
    x, y = (torch.from_numpy(setup.data.rows[slot]) for slot in (X, Y))
    for _ in range(STEPS):
        optimizer.zero_grad()
        hidden = net[1](net[0](x))
        torch.nn.functional.mse_loss(net[2](hidden.detach() if detach else hidden), y).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 0.05)
        optimizer.step()
    return torch.cat([p.detach().reshape(-1) for p in net.parameters()])


def close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)  # rates are float32


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_frozen_weights_stay_and_the_others_learn_as_in_torch(kind):
    setup = made(kind)
    close(ours(frozen(setup, 0, 1)), theirs(setup, freeze=True))


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_weights_behind_a_cut_stay_and_the_others_learn_as_in_torch(kind):
    setup = made(kind)
    close(ours(cut(setup)), theirs(setup, detach=True))


@pytest.mark.parametrize("change", [unfrozen, attached])
def test_what_is_mended_learns_as_if_nothing_had_been_wrong(change):
    setup = made("SGD")
    sick = frozen(setup, 0, 1) if change is unfrozen else cut(setup)
    close(ours(change(sick)), theirs(setup))


def test_a_value_with_another_way_to_the_loss_is_not_severed():
    setup = cut(perceptron())
    extra = Op("torch.Tensor.add", ({"slot": 999}, {"slot": 1}), {}, (600,))
    program = dataclasses.replace(setup.program, ops=(*setup.program.ops, extra), loss=600)
    assert 0 in severed(setup.program) and 1 in severed(setup.program)
    assert 0 in severed(program) and 1 not in severed(program)


def test_a_cut_that_severs_nothing_is_left_alone():
    setup = perceptron()
    first, *rest = setup.program.ops
    harmless = Op("torch.Tensor.detach", ({"slot": X},), {}, (700,))
    first = dataclasses.replace(first, args=({"slot": 700}, *first.args[1:]))
    program = dataclasses.replace(setup.program, ops=(harmless, first, *rest))
    assert all(slot == X for op in cuts(program) for slot in op.slots())
    assert not severed(program) & {parameter.slot for parameter in setup.parameters}


def test_two_cuts_in_a_row_are_both_taken_out():
    setup = cut(perceptron())
    twice = cut(setup)
    again = Op("torch.Tensor.detach", ({"slot": 500},), {}, (501,))
    ops = [
        again if op.outs == (500,) and op.args[0]["slot"] == 500 else op for op in setup.program.ops
    ]
    ops.insert(3, again)
    ops[4] = dataclasses.replace(ops[4], args=({"slot": 501}, *ops[4].args[1:]))
    both = dataclasses.replace(twice, program=dataclasses.replace(setup.program, ops=tuple(ops)))
    assert [op.short for op in attached(both).program.ops].count("detach") == 0


def test_no_group_moves_what_gets_no_gradient():
    assert group(frozen(perceptron(), 1)) == {0: 0, 1: -1, 2: 0, 3: 0}
    assert group(cut(perceptron())) == {0: -1, 1: -1, 2: 0, 3: 0}


@pytest.mark.parametrize("change", [unfrozen, attached])
def test_a_network_that_gets_all_its_gradients_cannot_be_given_more(change):
    with pytest.raises(Unchangeable):
        change(perceptron())


def standing(*ops, loss="mse_loss"):
    """A perceptron of three outputs, its prediction made by these operations on slot 999 to 610."""
    setup = perceptron()
    program = setup.program
    scores = program.prediction
    made = [Op(name, ({"slot": scores if not n else 600 + n - 1}, *more), {}, (600 + n,))
            for n, (name, *more) in enumerate(ops)]  # fmt: skip
    last = 600 + len(made) - 1
    kept = [op for op in program.ops if program.loss not in op.outs]
    end = Op(
        f"torch.nn.functional.{loss}", ({"slot": last}, {"slot": program.targets[0]}), {}, (650,)
    )
    return dataclasses.replace(
        setup,
        program=dataclasses.replace(program, ops=(*kept, *made, end), prediction=last, loss=650),
    )


@pytest.mark.parametrize("step", ["torch.round", "torch.sign", "torch.Tensor.floor"])
def test_a_step_that_stands_still_lets_no_gradient_through_until_it_is_taken_out(step):
    setup = standing((step,))
    assert severed(setup.program) >= {parameter.slot for parameter in setup.parameters}
    assert not severed(attached(setup).program)


def test_a_threshold_is_taken_out_with_its_number():
    setup = standing(("torch.Tensor.gt", 0.5), ("torch.Tensor.float",))
    changed = attached(setup)
    assert not severed(changed.program)
    assert [op.short for op in changed.program.ops][-2:] == ["float", "mse_loss"]


def test_a_choice_of_classes_is_compared_by_its_scores():
    setup = standing(("torch.argmax", 1), ("torch.Tensor.float",))
    scores = perceptron().program.prediction
    found = chosen(setup.program)
    assert found is not None and found[1] == scores
    with pytest.raises(Unchangeable, match="choice"):
        attached(setup)
    slot = setup.program.targets[0]
    numbers = np.arange(setup.data.count, dtype=np.float32) % 2
    data = dataclasses.replace(setup.data, rows={**setup.data.rows, slot: numbers})
    changed = scored(dataclasses.replace(setup, data=data))
    assert changed.program.prediction == scores
    assert changed.program.ops[-1].short == "cross_entropy"
    assert changed.data.rows[slot].dtype == np.int64
    assert not severed(changed.program)


def test_scores_are_not_compared_with_what_is_no_class_number():
    setup = standing(("torch.argmax", 1), ("torch.Tensor.float",))
    slot = setup.program.targets[0]
    data = dataclasses.replace(
        setup.data, rows={**setup.data.rows, slot: np.full(setup.data.count, 0.5, np.float32)}
    )
    with pytest.raises(Unchangeable, match="class numbers"):
        scored(dataclasses.replace(setup, data=data))


def test_a_loss_has_a_gradient_by_its_prediction_wherever_the_network_is_cut():
    setup = cut(perceptron())
    program = setup.program
    end = Op("torch.Tensor.detach", ({"slot": program.loss},), {}, (660,))
    both = dataclasses.replace(
        setup, program=dataclasses.replace(program, ops=(*program.ops, end), loss=660)
    )
    bare = comparable(both).program
    assert bare.prediction not in severed(bare) and 0 in severed(bare)


def test_a_mask_cuts_nothing_where_the_weights_behind_it_are_reached_otherwise():
    setup = perceptron((2, 3, 1), prediction="")
    loss = setup.program.ops[-1]
    error, size, small, square = 2000, 2001, 2002, 2003
    tail = (
        Op("torch.Tensor.sub", loss.args, {}, (error,)),
        Op("torch.Tensor.abs", ({"slot": error},), {}, (size,)),
        Op("torch.Tensor.lt", ({"slot": size}, 1), {}, (small,)),
        Op("torch.Tensor.square", ({"slot": error},), {}, (square,)),
        Op("torch.where", ({"slot": small}, {"slot": square}, {"slot": error}), {}, (2004,)),
        Op("torch.Tensor.mean", ({"slot": 2004},), {}, loss.outs),
    )
    program = dataclasses.replace(setup.program, ops=(*setup.program.ops[:-1], *tail))
    assert cuts(program) == ()
    masked = dataclasses.replace(tail[-1], args=({"slot": small},))
    only = dataclasses.replace(program, ops=(*program.ops[:-1], masked))
    assert [op.short for op in cuts(only)] == ["lt"]
