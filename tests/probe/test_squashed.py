"""The lowest loss of numbers between 0 and 1 where logits are expected."""

import math

import numpy as np
import pytest
from probe_setups import Y, drawn, network, recording, slot

from unstuck.core.setup import Op
from unstuck.core.transform import squasher, without_squash
from unstuck.probe import squashed
from unstuck.probe.subject import subject

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(60, 2)).astype(np.float32)
CLASS = np.arange(60) % 4
YES = (np.arange(60) % 2).astype(np.float32)[:, None]


def measured(setup):
    return squashed.measure(subject(setup), recording(setup))["squashed_floor"]


def made(loss, targets, outputs, output, **more):
    return network(INPUTS, targets, drawn((2, outputs)), output=output, loss=loss, **more)


def test_a_softmax_under_cross_entropy_leaves_log_of_one_and_the_others_over_e():
    found = measured(made("ce", CLASS, 4, "torch.softmax"))
    assert found.at("squashed") == pytest.approx(math.log(1 + 3 / math.e), rel=1e-6)
    assert found.at("free") == pytest.approx(0, abs=1e-9)


def test_classes_may_be_given_as_shares():
    found = measured(made("ce", np.eye(4, dtype=np.float32)[CLASS], 4, "torch.softmax"))
    assert found.at("squashed") == pytest.approx(math.log(1 + 3 / math.e), rel=1e-6)


def test_a_sigmoid_under_bce_with_logits_leaves_half_a_nat():
    found = measured(made("bce_logits", YES, 1, "torch.sigmoid"))
    expected = (math.log(2) + math.log(1 + math.exp(-1))) / 2
    assert found.at("squashed") == pytest.approx(expected, rel=1e-6)
    assert found.at("free") == pytest.approx(0, abs=1e-9)


def test_several_yes_or_no_a_row_leave_half_a_nat_each():
    many = np.stack([np.arange(60) % 2, np.arange(60) // 30], 1).astype(np.float32)
    found = measured(made("bce_logits", many, 2, "torch.sigmoid"))
    expected = (math.log(2) + math.log(1 + math.exp(-1))) / 2
    assert found.at("squashed") == pytest.approx(expected, rel=1e-6)
    assert found.at("free") == pytest.approx(0, abs=1e-9)


def in_two(prediction, free):
    ops = [
        Op("torch.log_softmax", (slot(prediction),), {"dim": 1}, (free,)),
        Op("torch.nn.functional.nll_loss", (slot(free), slot(Y)), {}, (free + 1,)),
    ]
    return ops, free + 1


def test_a_softmax_in_front_of_log_softmax_is_one_too_many():
    import dataclasses

    setup = made("", CLASS, 4, "torch.softmax", tail=in_two)
    program = dataclasses.replace(setup.program, prediction=900)  # where targets come in
    found = measured(dataclasses.replace(setup, program=program))
    assert found.at("squashed") == pytest.approx(math.log(1 + 3 / math.e), rel=1e-6)


@pytest.mark.parametrize(
    ("loss", "targets", "outputs", "output"),
    [
        ("ce", CLASS, 4, ""),
        ("ce", CLASS, 4, "torch.log_softmax"),
        ("nll", CLASS, 4, "torch.log_softmax"),
        ("bce", YES, 1, "torch.sigmoid"),
        ("mse", YES, 1, "torch.sigmoid"),
        ("bce_logits", YES, 1, ""),
    ],
)
def test_it_does_not_apply_where_nothing_is_squashed_twice(loss, targets, outputs, output):
    assert measured(made(loss, targets, outputs, output)).startswith("does not apply")


def test_what_read_the_squash_reads_its_operand():
    setup = made("ce", CLASS, 4, "torch.softmax")
    mended = without_squash(setup)
    assert [op.short for op in mended.program.ops] == ["linear", "cross_entropy"]
    assert mended.program.prediction in mended.program.ops[0].outs
    assert squasher(mended) is None
