"""What a loss measures, told by its behaviour, however it was written."""

import numpy as np
import pytest
from probe_setups import Y, drawn, network, slot

from unstuck.core.setup import Op
from unstuck.probe.loss import Loss, loss_of
from unstuck.probe.problem import problem
from unstuck.probe.subject import subject
from unstuck.theory.fit import grouped, linear

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(50, 2)).astype(np.float32)
REAL = (INPUTS[:, :1] * 2 + RANDOM.normal(size=(50, 1))).astype(np.float32)
YES = (REAL > 0).astype(np.float32)
CLASS = np.digitize(REAL[:, 0], [-1, 1])
ONE_HOT = np.eye(3, dtype=np.float32)[CLASS]


def made(loss, targets, outputs=1, output="", **more):
    return problem(
        subject(network(INPUTS, targets, drawn((2, outputs)), output=output, loss=loss, **more))
    )


@pytest.mark.parametrize(
    ("loss", "targets", "outputs", "output", "kind"),
    [
        ("mse", REAL, 1, "", "squares"),
        ("l1", REAL, 1, "", "absolute"),
        ("huber", REAL, 1, "", "other"),
        ("mse", YES, 1, "torch.sigmoid", "squares"),
        ("bce", YES, 1, "torch.sigmoid", "binary"),
        ("bce_logits", YES, 1, "", "binary_logits"),
        ("ce", CLASS, 3, "", "classes"),
        ("ce", ONE_HOT, 3, "", "classes"),
        ("nll", CLASS, 3, "torch.log_softmax", "classes"),
        ("mse", ONE_HOT, 3, "", "squares"),
    ],
)
def test_torchs_losses_are_recognised(loss, targets, outputs, output, kind):
    assert made(loss, targets, outputs, output).task.kind == kind


def hand_written_bce(prediction, free):
    """-(y log(p + 1e-7) + (1 - y) log(1 - p + 1e-7)).mean(), operation by operation."""
    one = {"float": "1.0"}
    ops = [
        Op("torch.Tensor.add", (slot(prediction), 1e-7), {}, (free,)),
        Op("torch.log", (slot(free),), {}, (free + 1,)),
        Op("torch.Tensor.mul", (slot(Y), slot(free + 1)), {}, (free + 2,)),
        Op("torch.Tensor.__rsub__", (slot(prediction), one), {}, (free + 3,)),
        Op("torch.Tensor.add", (slot(free + 3), 1e-7), {}, (free + 4,)),
        Op("torch.log", (slot(free + 4),), {}, (free + 5,)),
        Op("torch.Tensor.__rsub__", (slot(Y), one), {}, (free + 6,)),
        Op("torch.Tensor.mul", (slot(free + 6), slot(free + 5)), {}, (free + 7,)),
        Op("torch.Tensor.add", (slot(free + 2), slot(free + 7)), {}, (free + 8,)),
        Op("torch.Tensor.mean", (slot(free + 8),), {}, (free + 9,)),
        Op("torch.Tensor.neg", (slot(free + 9),), {}, (free + 10,)),
    ]
    return ops, free + 10


def test_cross_entropy_written_by_hand_is_recognised():
    assert made("", YES, output="torch.sigmoid", tail=hand_written_bce).task.kind == "binary"


def one_hot_times_logs(prediction, free):
    """-(one_hot · log_softmax).sum(1).mean() behind the log_softmax, which is the prediction."""
    ops = [
        Op("torch.Tensor.mul", (slot(Y), slot(prediction)), {}, (free,)),
        Op("torch.Tensor.sum", (slot(free), 1), {}, (free + 1,)),
        Op("torch.Tensor.mean", (slot(free + 1),), {}, (free + 2,)),
        Op("torch.Tensor.neg", (slot(free + 2),), {}, (free + 3,)),
    ]
    return ops, free + 3


def gathered_logs(prediction, free):
    """-log_softmax.gather(1, labels of shape (n, 1)).mean(), likewise."""
    ops = [
        Op("torch.Tensor.gather", (slot(prediction), 1, slot(Y)), {}, (free,)),
        Op("torch.Tensor.mean", (slot(free),), {}, (free + 1,)),
        Op("torch.Tensor.neg", (slot(free + 1),), {}, (free + 2,)),
    ]
    return ops, free + 2


@pytest.mark.parametrize(
    ("tail", "targets"),
    [
        (one_hot_times_logs, ONE_HOT),
        (one_hot_times_logs, ONE_HOT.astype(np.int64)),
        (gathered_logs, CLASS[:, None]),
    ],
)
def test_cross_entropy_over_classes_written_by_hand_is_recognised(tail, targets):
    found = made("", targets, 3, "torch.log_softmax", tail=tail)
    assert found.task.kind == "classes"
    raw = RANDOM.normal(size=(50, 3))
    assert found.loss(raw) == pytest.approx(made("ce", CLASS, 3).loss(raw), rel=1e-5)
    assert np.array_equal(found.flat_targets, ONE_HOT)


def test_negative_log_likelihood_takes_raw_values_through_a_log_softmax():
    plain, given = made("ce", CLASS, 3), made("nll", CLASS, 3, "torch.log_softmax")
    raw = RANDOM.normal(size=(50, 3))
    assert given.loss(raw) == pytest.approx(plain.loss(raw))
    assert given.loss(linear(given, INPUTS)) == pytest.approx(
        plain.loss(linear(plain, INPUTS)), 1e-3
    )


def test_weighted_classes_are_another_loss_and_get_their_own_best_constant():
    weights = np.array([1.0, 5.0, 1.0], np.float32)
    setup = network(INPUTS, CLASS, drawn((2, 3)), loss="ce", loss_kwargs={"weight": {"slot": 500}})
    import dataclasses

    program = dataclasses.replace(setup.program, constants={500: weights})
    found = problem(subject(dataclasses.replace(setup, program=program)))
    assert found.task.kind == "other"
    share = np.bincount(CLASS) * weights
    share = share / share.sum()
    expected = found.loss(np.tile(np.log(share), (50, 1)))
    assert found.loss(grouped(found, np.zeros(50, int))) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("loss", ["mse", "bce_logits", "ce"])
def test_the_gradient_on_arrays_is_the_slope_of_the_loss(loss):
    targets, outputs = (CLASS, 3) if loss == "ce" else (YES, 1)
    found = made(loss, targets, outputs)
    at, along = RANDOM.normal(size=(2, 50, outputs))
    _, gradient = found.loss_and_gradient(at)
    slope = (found.loss(at + 1e-5 * along) - found.loss(at - 1e-5 * along)) / 2e-5
    assert (gradient * along).sum() == pytest.approx(slope, rel=1e-5)


def test_a_loss_that_sums_is_scaled_to_one_batch():
    setup = network(
        INPUTS, REAL, drawn((2, 1)), loss_kwargs={"reduction": "sum"}, batch=10, order="epochs"
    )
    ready = subject(setup)
    mean = ((ready.predictions(0).numpy() - REAL) ** 2).mean()
    assert float(loss_of(ready)(ready.predictions(0))) == pytest.approx(10 * mean, rel=1e-5)
    assert loss_of(ready).sums


def test_the_loss_of_some_rows_compares_with_their_own_targets():
    found, index = made("mse", REAL), np.array([3, 17, 20])
    made_up = RANDOM.normal(size=(3, 1))
    expected = ((made_up - REAL[index]) ** 2).mean()
    assert found.loss_of(made_up, index) == pytest.approx(expected)


def penalised(prediction, free):
    ops = [
        Op("torch.nn.functional.mse_loss", (slot(prediction), slot(Y)), {}, (free,)),
        Op("torch.Tensor.pow", (slot(0), 2), {}, (free + 1,)),
        Op("torch.Tensor.sum", (slot(free + 1),), {}, (free + 2,)),
        Op("torch.Tensor.add", (slot(free), slot(free + 2)), {}, (free + 3,)),
    ]
    return ops, free + 3


def test_a_penalty_on_weights_is_left_out():
    ready = subject(network(INPUTS, REAL, drawn((2, 1)), tail=penalised))
    expected = ((ready.predictions(0).numpy() - REAL) ** 2).mean()
    assert float(loss_of(ready)(ready.predictions(0))) == pytest.approx(expected, rel=1e-5)
    assert problem(ready).task.kind == "squares"


def test_predictions_and_targets_of_different_shape_are_matched_first():
    setup = network(INPUTS, REAL[:, 0], drawn((2, 1)))
    ready = subject(setup)
    loss = Loss(setup, ready.rows, ready.predictions(0))
    expected = ((ready.predictions(0).numpy() - REAL) ** 2).mean()
    assert loss.matched
    assert float(loss(ready.predictions(0))) == pytest.approx(expected, rel=1e-5)
