"""Whether a loss fits what it is given, and the loss that was meant."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from probe_setups import Y, drawn, network, recording, slot

from unstuck.core.setup import Op, Optimizer
from unstuck.probe import meant
from unstuck.probe.loss import loss_of
from unstuck.probe.problem import problem
from unstuck.probe.subject import subject
from unstuck.replay import Unreplayable

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(60, 2)).astype(np.float32)
CLASS = np.arange(60) % 3
YES = (np.arange(60) % 2).astype(np.float32)[:, None]
REAL = RANDOM.normal(size=(60, 1)).astype(np.float32)


def made(loss, targets, outputs=1, output="", **more):
    return network(INPUTS, targets, drawn((2, outputs)), output=output, loss=loss, **more)


def fit(setup):
    found = meant.measure(subject(setup), recording(setup))["loss_fit"]
    return {site: found.at(site) for site in found.sites if not math.isnan(found.at(site))}


def negated(name):
    def tail(prediction, free):
        ops = [
            Op(f"torch.nn.functional.{name}", (slot(prediction), slot(Y)), {}, (free,)),
            Op("torch.Tensor.neg", (slot(free),), {}, (free + 1,)),
        ]
        return ops, free + 1

    return tail


FITTING = [
    ("mse", REAL, 1, ""),
    ("huber", REAL, 1, ""),
    ("ce", CLASS, 3, ""),
    ("ce", np.eye(3, dtype=np.float32)[CLASS], 3, ""),
    ("nll", CLASS, 3, "torch.log_softmax"),
    ("mse", 2 * YES - 1, 1, ""),
]


@pytest.mark.parametrize(("loss", "targets", "outputs", "output"), FITTING)
def test_a_loss_that_fits_raises_no_question(loss, targets, outputs, output):
    assert fit(made(loss, targets, outputs, output)) == {}


@pytest.mark.parametrize(("loss", "output"), [("bce", "torch.sigmoid"), ("bce_logits", "")])
def test_targets_of_no_and_yes_fit(loss, output):
    assert fit(made(loss, YES, output=output)) == {"targets": 0.0}


@pytest.mark.parametrize(
    ("name", "targets", "outputs"), [("mse_loss", REAL, 1), ("cross_entropy", CLASS, 3)]
)
def test_a_negated_loss_is_climbed_and_judged_the_right_way_up(name, targets, outputs):
    setup = made("", targets, outputs, tail=negated(name))
    ready = subject(setup)
    assert fit(setup) == {"sign": -1.0}
    target = torch.from_numpy(targets)
    expected = getattr(torch.nn.functional, name)(ready.predictions(0), target)
    assert float(loss_of(ready)(ready.predictions(0))) == pytest.approx(float(expected), rel=1e-5)
    assert problem(ready).task.kind in {"squares", "classes"}


def test_an_optimizer_that_climbs_a_known_loss_has_the_wrong_sign():
    climbing = Optimizer("SGD", ({"lr": 0.1, "maximize": True},))
    assert fit(made("mse", REAL, optimizer=climbing)) == {"sign": -1.0}


def test_climbing_a_negated_loss_is_going_down():
    climbing = Optimizer("SGD", ({"lr": 0.1, "maximize": True},))
    setup = made("", REAL, tail=negated("mse_loss"), optimizer=climbing)
    assert fit(setup) == {"sign": 1.0}


def test_raw_scores_miss_the_sum_of_one_and_are_judged_by_cross_entropy():
    setup = made("nll", CLASS, 3)
    ready = subject(setup)
    scores = ready.predictions(0)
    assert fit(setup)["logs"] == pytest.approx(float(scores.exp().sum(1).log().abs().max()))
    expected = torch.nn.functional.cross_entropy(scores, torch.from_numpy(CLASS))
    assert float(loss_of(ready)(scores)) == pytest.approx(float(expected), rel=1e-5)


def test_shares_are_judged_by_their_logarithm():
    ready = subject(made("nll", CLASS, 3, "torch.softmax"))
    shares = ready.predictions(0)
    expected = -np.log(shares.numpy()[np.arange(60), CLASS]).mean()
    assert float(loss_of(ready)(shares)) == pytest.approx(expected, rel=1e-5)


def test_targets_of_minus_one_and_one_are_judged_as_no_and_yes():
    setup = made("bce_logits", 2 * YES - 1)
    ready = subject(setup)
    assert fit(setup) == {"targets": 1.0}
    raw = ready.predictions(0)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(raw, torch.from_numpy(YES))
    assert float(loss_of(ready)(raw)) == pytest.approx(float(expected), rel=1e-5)
    assert problem(ready).task.kind == "binary_logits"


def test_targets_of_three_values_leave_nothing_to_judge_by():
    setup = made("bce_logits", CLASS.astype(np.float32)[:, None])
    assert fit(setup) == {"targets": 1.0}
    with pytest.raises(Unreplayable, match="no lowest value"):
        loss_of(subject(setup))


def test_targets_that_miss_one_by_rounding_fit():
    ready = subject(made("bce_logits", YES * np.float32(1.0000001)))
    assert problem(ready).task.kind in {"binary_logits", "other"}


def test_one_output_under_cross_entropy_is_judged_as_yes_or_no():
    setup = made("ce", YES)
    ready = subject(setup)
    assert fit(setup) == {"classes": 1.0}
    assert problem(ready).task.kind == "binary_logits"


NUMBERS = CLASS.astype(np.float32)[:, None]


def test_class_numbers_stretched_over_the_classes_are_judged_by_cross_entropy():
    setup = made("mse", NUMBERS, 3)
    ready = subject(setup)
    assert fit(setup) == {"outputs": 3.0}
    scores = ready.predictions(0)
    expected = torch.nn.functional.cross_entropy(scores, torch.from_numpy(CLASS))
    assert float(loss_of(ready)(scores)) == pytest.approx(float(expected), rel=1e-5)
    assert problem(ready).task.kind == "classes"


def test_class_numbers_that_pick_their_own_logarithm_fit():
    def picked(prediction, free):
        gather = Op("torch.Tensor.gather", (slot(prediction), 1, slot(Y)), {}, (free,))
        mean = Op("torch.Tensor.mean", (slot(free),), {}, (free + 1,))
        return [gather, mean, Op("torch.Tensor.neg", (slot(free + 1),), {}, (free + 2,))], free + 2

    setup = made("", CLASS[:, None], 3, "torch.log_softmax", tail=picked)
    assert fit(setup) == {}


@pytest.mark.parametrize(("targets", "outputs"), [(NUMBERS, 1), (NUMBERS, 4), (NUMBERS / 2, 3)])
def test_numbers_that_are_not_one_for_each_output_are_no_classes(targets, outputs):
    assert "outputs" not in fit(made("mse", targets, outputs))


def test_a_sample_keeps_the_targets_of_all_rows():
    setup = made("bce_logits", 2 * YES - 1)
    rows = dataclasses.replace(setup.data, rows={k: v[:40] for k, v in setup.data.rows.items()})
    ready = subject(dataclasses.replace(setup, data=rows))
    assert set(problem(ready).targets.ravel()) == {0.0, 1.0}


def clipped(prediction, free):
    """Keras' binary cross-entropy, which clips what it is given."""
    ops = [
        Op("torch.clamp", (slot(prediction), 1e-7, 1 - 1e-7), {}, (free,)),
        Op("torch.nn.functional.binary_cross_entropy", (slot(free), slot(Y)), {}, (free + 1,)),
    ]
    return ops, free + 1


def of_shares(prediction, free):
    """Keras' cross-entropy over classes, which takes shares of any whole."""
    ops = [
        Op("torch.sum", (slot(prediction),), {"dim": 1, "keepdim": True}, (free,)),
        Op("torch.Tensor.div", (slot(prediction), slot(free)), {}, (free + 1,)),
        Op("torch.clamp", (slot(free + 1), 1e-7, 1 - 1e-7), {}, (free + 2,)),
        Op("torch.log", (slot(free + 2),), {}, (free + 3,)),
        Op("torch.nn.functional.nll_loss", (slot(free + 3), slot(Y)), {}, (free + 4,)),
    ]
    return ops, free + 4


def test_raw_scores_are_no_probabilities():
    assert fit(made("", YES, tail=clipped))["raw"] > 0.1
    assert "raw" not in fit(made("", YES, output="torch.sigmoid", tail=clipped))
    meant_loss = loss_of(subject(made("", YES, tail=clipped)))
    logits = torch.linspace(-3, 3, 60)[:, None]
    wanted = torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(YES))
    assert float(meant_loss(logits)) == pytest.approx(float(wanted), rel=1e-4)


def test_raw_scores_are_no_shares_of_classes():
    assert fit(made("", CLASS, 3, tail=of_shares))["raw"] > 0.1
    assert fit(made("", CLASS, 3, "torch.softmax", tail=of_shares)) == {}
