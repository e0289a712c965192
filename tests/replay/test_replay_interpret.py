"""A program run again: every kind of argument and result, against torch called directly."""

import dataclasses

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from unstuck.core.setup import Data, Loop, Op, Optimizer, Parameter, Plan, Program, Setup
from unstuck.replay import Unreplayable, interpret, interpret_loss, tensors
from unstuck.replay.functions import function_named, name_of
from unstuck.replay.recurrent import RECURRENT

x = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
y = torch.randn(6, 4, generator=torch.Generator().manual_seed(1))
W = torch.randn(3, 4, generator=torch.Generator().manual_seed(2))
X, Y, P, OUT = 0, 1, 2, 9
IN = {"slot": X}


def program(*ops, inputs=(X,), targets=(Y,), prediction=OUT, loss=OUT, constants=None):
    return Program(tuple(ops), inputs, targets, constants or {}, prediction, loss)


def run(*args, name="torch.add", given=x, want=OUT, **kwargs):
    made = program(Op(name, args, kwargs, (OUT,)))
    return interpret(made)({P: W}, {X: given, Y: y}, want=(want,))[want]


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "expected"),
    [
        ("torch.add", (IN, 2), {"alpha": 3}, x + 6),
        ("torch.Tensor.add", (IN, {"slot": Y}), {}, x + y),
        ("torch.nn.functional.linear", (IN, {"slot": P}), {}, x @ W.T),
        ("torch.Tensor.__getitem__", (IN, {"tuple": [{"slice": [1, 5, 2]}, 0]}), {}, x[1:5:2, 0]),
        ("torch.Tensor.__getitem__", (IN, {"tuple": [{"ellipsis": True}, {"list": [0, 2]}]}), {}, x[..., [0, 2]]),
        ("torch.Tensor.__getitem__", (IN, {"slice": [None, 3, None]}), {}, x[:3]),
        ("torch.Tensor.reshape", (IN, {"tuple": [{"rows": True}, 2, 2]}), {}, x.reshape(6, 2, 2)),
        ("torch.Tensor.view", (IN, {"rows": True}, -1), {}, x.view(6, -1)),
        ("torch.Tensor.to", (IN, {"dtype": "float64"}), {}, x.double()),
        ("torch.Tensor.to", (IN, {"device": "cuda:0"}), {}, x),
        ("torch.clamp", (IN,), {"min": 0, "max": {"float": "inf"}}, x.clamp(0)),
        ("torch.cat", ({"list": [IN, {"slot": Y}]},), {"dim": 1}, torch.cat([x, y], 1)),
        ("torch.stack", ({"tuple": [IN, IN]},), {}, torch.stack([x, x])),
        ("torch.Tensor.T.__get__", (IN,), {}, x.T),
        ("torch.Tensor.__pow__", (IN, 2), {}, x**2),
        ("torch.Tensor.__rsub__", (IN, 1), {}, 1 - x),
        ("torch.nn.functional.relu", (IN,), {"inplace": True}, x.relu()),
        ("torch.relu_", (IN,), {}, x.relu()),
        ("torch.Tensor.mul_", (IN, 2), {}, 2 * x),
        ("torch.Tensor.__iadd__", (IN, 1), {}, x + 1),
        ("torch.nn.functional.softmax", (IN,), {"dim": 1, "_stacklevel": 3, "dtype": None}, x.softmax(1)),
        ("torch.nn.functional.mse_loss", (IN, {"slot": Y}), {"reduction": "sum"}, F.mse_loss(x, y, reduction="sum")),
    ],
)  # fmt: skip
def test_an_operation_is_run_as_torch_runs_it(name, args, kwargs, expected):
    before = x.clone()
    torch.testing.assert_close(run(*args, name=name, **kwargs), expected)
    assert torch.equal(x, before)


def test_operations_with_several_results_fill_several_slots():
    made = program(
        Op("torch.max", (IN, 1), {}, (5, 6)),
        Op("torch.chunk", (IN, 2), {"dim": 1}, (7, 8)),
        Op("torch.Tensor.add", ({"slot": 5}, {"slot": 6}), {}, (OUT,)),
    )
    values = interpret(made)({}, {X: x, Y: y})
    largest = x.max(1)
    torch.testing.assert_close(values[OUT], largest.values + largest.indices)
    torch.testing.assert_close(values[8], x[:, 2:])


def test_the_number_of_rows_is_that_of_the_rows_given():
    reshape = ("torch.Tensor.reshape", (IN, {"tuple": [{"rows": True}, 2, 2]}))
    assert run(*reshape[1], name=reshape[0], given=x[:2]).shape == (2, 2, 2)


def test_operations_that_lead_nowhere_are_not_run():
    made = program(Op("torch.relu", (IN,), {}, (OUT,)), Op("torch.linalg.inv", (IN,), {}, (10,)))
    run_it = interpret(made)
    torch.testing.assert_close(run_it({}, {X: x}, want=(OUT,))[OUT], x.relu())
    with pytest.raises(RuntimeError):
        run_it({}, {X: x})


def test_running_statistics_are_left_alone():
    mean, var = torch.zeros(4), torch.ones(4)
    made = program(
        Op(
            "torch.nn.functional.batch_norm",
            (IN, {"slot": 5}, {"slot": 6}),
            {"training": True},
            (OUT,),
        ),
        constants={5: mean.numpy(), 6: var.numpy()},
    )
    out = interpret(made)({}, {X: x})[OUT]
    torch.testing.assert_close(out, F.batch_norm(x, None, None, training=True))
    assert torch.equal(mean, torch.zeros(4))


def test_the_loss_alone_is_a_function_of_predictions_and_targets():
    made = program(
        Op("torch.nn.functional.linear", (IN, {"slot": P}), {}, (OUT,)),
        Op("torch.Tensor.sub", ({"slot": OUT}, {"slot": Y}), {}, (10,)),
        Op("torch.Tensor.pow", ({"slot": 10}, 2), {}, (11,)),
        Op("torch.Tensor.mean", ({"slot": 11},), {}, (12,)),
        loss=12,
    )
    guess = torch.zeros(6, 4)
    loss = interpret_loss(made)(guess, {X: x, Y: y})
    torch.testing.assert_close(loss, y.pow(2).mean())


def test_a_loss_that_reads_weights_is_no_function_of_the_prediction():
    made = program(
        Op("torch.nn.functional.linear", (IN, {"slot": P}), {}, (OUT,)),
        Op("torch.Tensor.sum", ({"slot": P},), {}, (10,)),
        Op("torch.Tensor.mean", ({"slot": OUT},), {}, (11,)),
        Op("torch.Tensor.add", ({"slot": 11}, {"slot": 10}), {}, (12,)),
        loss=12,
    )
    with pytest.raises(Unreplayable, match="more than predictions and targets"):
        interpret_loss(made)


@pytest.mark.parametrize(
    "name",
    ["os.system", "eval", "torch.load", "torch.save", "torch.hub.load", "torch.jit.load",
     "torch.Tensor.__class__", "torch.utils.cpp_extension.load", "torch.Tensor.nothing", ""],
)  # fmt: skip
def test_only_functions_that_torch_lists_are_run(name):
    with pytest.raises(Unreplayable, match="not a public torch function"):
        interpret(program(Op(name, (IN,), {}, (OUT,))))


def test_an_argument_of_an_unknown_kind_is_refused():
    with pytest.raises(Unreplayable, match="'code'"):
        run(IN, {"code": "1"})


@pytest.mark.parametrize(
    "function", [torch.add, F.linear, F.mse_loss, torch.Tensor.__getitem__, torch.Tensor.view]
)  # fmt: skip
def test_names_lead_back_to_their_functions(function):
    name = name_of(function)
    assert name is not None
    assert function_named(name) is function


def test_a_function_of_the_users_own_has_no_name():
    assert name_of(lambda: None) is None


def test_the_program_differentiates_and_stacks():
    """What the trials do with it."""
    made = program(
        Op("torch.nn.functional.linear", (IN, {"slot": P}), {}, (OUT,)),
        Op("torch.Tensor.mean", ({"slot": OUT},), {}, (12,)),
        loss=12,
    )
    run_it = interpret(made)

    def loss(weights):
        return run_it({P: weights}, {X: x}, want=(12,))[12]

    several = torch.stack([W, 2 * W])
    grads = torch.func.vmap(torch.func.grad(loss))(several)
    torch.testing.assert_close(grads[1], x.mean(0).expand(3, 4) / 3)


def setup():
    start = np.arange(6, dtype=np.float64).reshape(2, 3).T
    parameter = Parameter(P, "w", start, (), start + 1)
    data = Data({X: np.arange(10.0).reshape(5, 2), Y: np.arange(5)})
    return Setup(
        program(), (parameter,), data, Plan("full", 5, 1), Optimizer("SGD", ({"lr": 0.1},)), Loop()
    )


def test_arrays_become_tensors_of_their_own_type():
    weights = tensors.weights(setup())[P]
    assert (weights.dtype, tuple(weights.shape)) == (torch.float64, (3, 2))
    assert torch.equal(tensors.weights(setup(), "end")[P], weights + 1)
    rows = tensors.rows(setup())
    assert (rows[X].dtype, rows[Y].dtype) == (torch.float64, torch.int64)


def test_rows_can_be_picked():
    picked = tensors.rows(setup(), np.array([3, 0]))
    assert picked[Y].tolist() == [3, 0]
    assert picked[X].tolist() == [[6.0, 7.0], [0.0, 1.0]]


def test_an_end_that_was_not_recorded_is_said():
    made = setup()
    bare = dataclasses.replace(made.parameters[0], end=None)
    with pytest.raises(LookupError, match="the end value of w was not recorded"):
        tensors.weights(dataclasses.replace(made, parameters=(bare,)), "end")


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize(
    "settings",
    [{}, {"batch_first": True}, {"num_layers": 2}, {"bidirectional": True, "bias": False}],
    ids=str,
)
def test_a_recurrent_layer_gives_what_torch_gives(kind, settings):
    torch.manual_seed(3)
    layer = getattr(torch.nn, kind)(2, 5, **settings)
    values = torch.randn(4, 7, 2)
    rows = 4 if settings.get("batch_first") else 7
    shape = (layer.num_layers * (1 + layer.bidirectional), rows, 5)
    state = torch.randn(shape[0], 1, 5).expand(shape).contiguous()
    start = (state, state / 2) if kind == "LSTM" else state
    expected, ends = layer(values, start)
    function = RECURRENT[{"LSTM": "torch.lstm", "GRU": "torch.gru", "RNN": "torch.rnn_tanh"}[kind]]
    given = (layer.bias, layer.num_layers, 0.0, True, layer.bidirectional, layer.batch_first)
    out, *last = function(values, start, layer._flat_weights, *given)
    torch.testing.assert_close(out, expected)
    torch.testing.assert_close(tuple(last), ends if kind == "LSTM" else (ends,))
    fewer = values[:3] if settings.get("batch_first") else values[:, :3]
    torch.testing.assert_close(
        function(fewer, start, layer._flat_weights, *given)[0],
        layer(
            fewer, (state[:, :3], state[:, :3] / 2) if kind == "LSTM" else state[:, :3].contiguous()
        )[0],
    )
