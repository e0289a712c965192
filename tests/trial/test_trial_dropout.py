"""Networks that drop at random are trained so, and judged with all of their units."""

import dataclasses

import numpy as np
import pytest
import torch
from setups import X, Y, perceptron

from unstuck.core.setup import Op, Optimizer
from unstuck.core.transform import Unchangeable, dropped, with_dropout, without_dropout
from unstuck.replay import interpret, tensors
from unstuck.trial.batches import batches
from unstuck.trial.compiled import Shapes, compiled, ensemble_loss, ensemble_step
from unstuck.trial.draw import starts
from unstuck.trial.ensemble import Course, train
from unstuck.trial.laboratory import judged


def dropping(p, *, rows=60, **settings):
    """A hidden layer of 32 units, dropped with this probability."""
    setup = perceptron((3, 32, 1), activation="nn.functional.dropout", rows=rows, **settings)
    ops = tuple(
        dataclasses.replace(op, kwargs={"p": p, "training": True, "inplace": False})
        if op.short == "dropout"
        else op
        for op in setup.program.ops
    )
    return dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))


def predicted(setup):
    slot = setup.program.prediction
    return interpret(setup.program)(tensors.weights(setup), tensors.rows(setup), (slot,))[slot]


def test_as_many_units_are_dropped_as_the_script_drops():
    setup = dropping(0.75, rows=2000)
    slot = setup.program.ops[1].outs[0]
    torch.manual_seed(0)
    values = interpret(setup.program)(tensors.weights(setup), tensors.rows(setup), (slot,))[slot]
    assert float((values == 0).double().mean()) == pytest.approx(0.75, abs=0.01)


def test_without_dropout_predictions_repeat():
    setup = without_dropout(dropping(0.75))
    assert torch.equal(predicted(setup), predicted(setup))
    assert not torch.equal(predicted(dropping(0.75)), predicted(dropping(0.75)))


def test_a_network_that_drops_nothing_stays_the_same_value():
    setup = perceptron((3, 5, 1))
    assert without_dropout(setup) is setup
    assert judged(setup, {}) is None


def test_only_what_is_dropped_more_often_is_lowered():
    setup = dropping(0.75)
    assert [
        dropped(op) for op in with_dropout(setup, 0.1).program.ops if op.short == "dropout"
    ] == [0.1]
    with pytest.raises(Unchangeable, match=r"above 0\.8"):
        with_dropout(setup, 0.8)


@pytest.mark.parametrize(
    ("args", "kwargs", "share"),
    [
        (({"slot": 0},), {}, 0.5),
        (({"slot": 0}, 0.3, True), {}, 0.3),
        (({"slot": 0}, 0.3, False), {}, 0.0),
        (({"slot": 0}, 0.3), {"training": False}, 0.0),
        (({"slot": 0},), {"p": 0.2, "train": True}, 0.2),
    ],
)
def test_how_much_is_dropped_is_read_off_the_call(args, kwargs, share):
    assert dropped(Op("torch.nn.functional.dropout", args, kwargs, (1,))) == share


def test_networks_are_judged_without_dropout():
    setup = dropping(0.9, optimizer=Optimizer("SGD", ({"lr": 0.0},)), steps=1)
    quiet = judged(setup, {})
    assert [dropped(op) for op in quiet.program.ops] == [0.0] * len(quiet.program.ops)
    flat = Shapes(setup).flat(starts(setup, 3, 0))
    rows = next(batches(setup, 0))
    (losses,) = ensemble_loss(quiet)(flat, *rows)
    result = train(setup, Course(goal=-1.0, members=3, judge=quiet))
    assert torch.equal(result.losses, losses)


def test_a_step_that_drops_is_traced_and_draws_anew_each_time():
    setup = dropping(0.5)
    kept, step = ensemble_step(setup)
    flat = Shapes(setup).flat(starts(setup, 4, 0))
    state = [torch.zeros_like(flat) for _ in range(kept)]
    begin = (flat, torch.full((4,), -1.0), torch.zeros(()), torch.tensor(0.0), torch.tensor(0.0))
    example = (*begin, *state, *next(batches(setup, 0)))
    with torch.no_grad():
        fast = compiled(step, example)
        assert fast is not step
        torch.manual_seed(7)
        first, second = fast(*example)[3], fast(*example)[3]
        torch.manual_seed(7)
        assert torch.allclose(step(*example)[3], first)
    assert not torch.equal(first, second)


def test_rows_and_targets_are_those_of_the_script():
    setup = dropping(0.5)
    assert np.array_equal(without_dropout(setup).data.rows[X], setup.data.rows[X])
    assert np.array_equal(without_dropout(setup).data.rows[Y], setup.data.rows[Y])
