"""Whether what else is in the batch changes a prediction, and which axis keeps rows apart."""

import dataclasses

import numpy as np
import pytest
import torch
from probe_setups import X, drawn, network, recording, slot

from unstuck.core.setup import Op, Parameter
from unstuck.core.transform import axis, with_axis
from unstuck.probe import mixing
from unstuck.probe.subject import subject

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(40, 2)).astype(np.float32)
CLASS = np.arange(40) % 3
ONE_HOT = np.eye(3, dtype=np.float32)[CLASS]


def ending_in(name, dim, *, loss="mse", targets=ONE_HOT, positional=False):
    """A network whose last operation is this one, along this axis."""
    setup = network(INPUTS, targets, drawn((2, 3)), output="torch.softmax", loss=loss)
    last = setup.program.prediction
    ops = tuple(
        dataclasses.replace(
            op,
            name=name,
            args=(*op.args, dim) if positional else op.args,
            kwargs={} if positional else {"dim": dim},
        )
        if last in op.outs
        else op
        for op in setup.program.ops
    )
    return dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))


def measured(setup):
    return mixing.measure(subject(setup), recording(setup))["rows_mixed"]


@pytest.mark.parametrize("dim", [0, -2])
@pytest.mark.parametrize("positional", [True, False])
def test_a_softmax_over_the_rows_mixes_them_and_its_other_axis_does_not(dim, positional):
    setup = ending_in("torch.softmax", dim, positional=positional)
    found = measured(setup)
    assert found.at("prediction") > 0.1
    assert found.at("slot") == setup.program.prediction
    assert found.at("dim") == 1


@pytest.mark.parametrize("dim", [1, -1])
def test_a_softmax_within_each_row_keeps_them_apart(dim):
    found = measured(ending_in("torch.softmax", dim))
    assert found.at("prediction") < 1e-5
    assert np.isnan(found.at("slot"))


def test_what_moves_is_what_a_slow_look_finds():
    setup = ending_in("torch.log_softmax", 0)
    weight, bias = (torch.from_numpy(p.start) for p in setup.parameters)
    x = torch.from_numpy(INPUTS)
    other = x.clone()
    for row in range(1, 40, 2):
        other[row] = x[0]
    before, after = (torch.log_softmax(part @ weight.T + bias, 0) for part in (x, other))
    moved = max(float((before - after)[row].abs().max()) for row in range(0, 40, 2))
    expected = moved / float(before.std(0, unbiased=False).max())
    assert measured(setup).at("prediction") == pytest.approx(expected, rel=1e-4)


def test_a_mean_over_the_rows_is_blamed_where_it_is_taken_off():
    setup = network(INPUTS, ONE_HOT, drawn((2, 3)))
    last, loss = setup.program.ops[-2:]
    ops = (
        last,
        Op("torch.mean", (slot(last.outs[0]), 0, True), {}, (800,)),
        Op("torch.Tensor.sub", (slot(last.outs[0]), slot(800)), {}, (801,)),
        dataclasses.replace(loss, args=(slot(801), loss.args[1])),
    )
    program = dataclasses.replace(setup.program, ops=ops, prediction=801)
    found = measured(dataclasses.replace(setup, program=program))
    assert (found.at("slot"), found.at("dim")) == (800, 1)


def test_normalisation_over_the_batch_is_meant():
    setup = network(INPUTS, ONE_HOT, drawn((2, 3)))
    norm = Op("torch.nn.functional.batch_norm", (slot(X), None, None), {"training": True}, (700,))
    first, *rest = setup.program.ops
    ops = (norm, dataclasses.replace(first, args=(slot(700), *first.args[1:])), *rest)
    changed = dataclasses.replace(setup, program=dataclasses.replace(setup.program, ops=ops))
    assert measured(changed).at("prediction") < 1e-5


def test_rows_that_are_mixed_by_something_else_have_nothing_to_blame():
    setup = network(INPUTS, ONE_HOT, drawn((2, 3)))
    last, loss = setup.program.ops[-2:]
    ops = (
        last,
        Op("torch.flip", (slot(last.outs[0]), [0]), {}, (800,)),
        dataclasses.replace(loss, args=(slot(800), loss.args[1])),
    )
    program = dataclasses.replace(setup.program, ops=ops, prediction=800)
    found = measured(dataclasses.replace(setup, program=program))
    assert found.at("prediction") > 0.1
    assert np.isnan(found.at("slot"))


@pytest.mark.parametrize(("name", "gates"), [("lstm", 4), ("gru", 3), ("rnn_tanh", 1)])
def test_a_recurrent_layer_along_the_rows_is_blamed(name, gates):
    found = measured(recurrent(name, gates, batch_first=False))
    assert found.at("prediction") > 0.01
    assert (found.at("slot"), found.at("dim")) == (700, 1)


@pytest.mark.parametrize(("name", "gates"), [("lstm", 4), ("gru", 3), ("rnn_tanh", 1)])
def test_a_recurrent_layer_along_the_time_keeps_rows_apart(name, gates):
    assert measured(recurrent(name, gates, batch_first=True)).at("prediction") < 1e-5


def recurrent(name, gates, *, batch_first):
    """A recurrent layer of three units over series of five readings; its last output is compared."""
    setup = network(INPUTS, ONE_HOT, drawn((2, 3)))
    series = RANDOM.normal(size=(40, 5, 2)).astype(np.float32)
    start = np.zeros((1, 40 if batch_first else 5, 3), np.float32)
    shapes = {801: (3 * gates, 2), 802: (3 * gates, 3), 803: (3 * gates,), 804: (3 * gates,)}
    own = tuple(
        Parameter(n, f"p{n}", RANDOM.normal(size=shape).astype(np.float32), None)
        for n, shape in shapes.items()
    )
    state = {"tuple": [slot(800), slot(800)]} if name == "lstm" else slot(800)
    args = (slot(setup.program.inputs[0]), state, {"list": [slot(n) for n in shapes]})
    made = Op(f"torch.{name}", (*args, True, 1, 0.0, True, False, batch_first), {}, (700, 701, 702))
    last = Op(
        "torch.Tensor.__getitem__",
        (slot(700), {"tuple": [{"slice": [None, None, None]}, -1]}),
        {},
        (703,),
    )
    loss = setup.program.ops[-1]
    ops = (made, last, dataclasses.replace(loss, args=(slot(703), loss.args[1])))
    program = dataclasses.replace(
        setup.program, ops=ops, prediction=703, constants={**setup.program.constants, 800: start}
    )
    rows = {**setup.data.rows, setup.program.inputs[0]: series}
    data = dataclasses.replace(setup.data, rows=rows)
    return dataclasses.replace(setup, program=program, data=data, parameters=own)


def test_an_axis_is_set_where_it_stands_and_others_are_left():
    setup = ending_in("torch.softmax", 0, positional=True)
    changed = with_axis(setup, setup.program.prediction, 1)
    assert [axis(op) for op in changed.program.ops] == [None, 1, None]
    assert with_axis(setup, 12345, 1).program.ops == setup.program.ops
