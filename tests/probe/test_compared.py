"""What a script's comparisons find, beside what the trained network's outputs say of the same rows."""

import dataclasses

import numpy as np
import pytest
import torch
from probe_setups import network, recording

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.recording import Comparison, Table, Where
from unstuck.probe import compared
from unstuck.probe.subject import subject

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 2)).astype(np.float32)
STEPS = 10


def trained(targets, ends, **more):
    """One linear layer from two inputs that ends at these weights."""
    weight, bias = (np.asarray(part, np.float32) for part in ends)
    start = (np.zeros_like(weight), np.zeros_like(bias))
    return network(X, targets, [start], ends=[(weight, bias)], steps=STEPS, **more)


ONE_OF_THREE = np.array([[3.0, 0.0], [-3.0, 0.5], [0.0, -4.0]]), np.array([0.2, 0.0, 0.1])
SCORES = X @ ONE_OF_THREE[0].T.astype(np.float32) + ONE_OF_THREE[1].astype(np.float32)
CLASS = SCORES.argmax(1)

LOGIT = (2 * X[:, :1] + X[:, 1:] + 0.1).astype(np.float32)
YES = (LOGIT > 0).astype(np.float32)
TWO = np.array([[2.0, 1.0]]), np.array([0.1])

SUM = (2 * X[:, :1] + X[:, 1:] + 0.1 + 0.01 * RANDOM.normal(size=(60, 1))).astype(np.float32)


def classes():
    return trained(CLASS, ONE_OF_THREE, loss="ce")


def logits():
    return trained(YES, TWO, loss="bce_logits")


def unsure():
    return trained(YES, (TWO[0] / 5, TWO[1] / 5), loss="bce_logits")


def signs():
    return trained(2 * YES - 1, TWO, loss="mse")


def sums():
    return trained(SUM, TWO, loss="mse")


def measured(setup, *comparisons, goal=1.0, losses=(2.0, 0.1, 0.1)):
    """The table, or why there is none; comparisons: (left, right), with all rows at hand unless said."""
    made = tuple(
        one
        if isinstance(one, Comparison)
        else Comparison(Where("train.py", 9), STEPS, (one[0].shape, one[1].shape), *one[:2], (X,))
        for one in comparisons
    )
    ladder = Table("ladder", (STEPS,), ("goal", "end"), np.array([[goal, 0.1]]))
    steps = (0, STEPS // 2, STEPS - 1)
    loss = Table("loss", steps, ("loss",), np.array(losses).reshape(3, 1))
    seen = dataclasses.replace(recording(setup), comparisons=made).with_tables(ladder, loss)
    return compared.measure(subject(setup), seen)["compared"]


SOFTMAX = torch.softmax(torch.from_numpy(SCORES), 1).numpy()
WRONG = {
    "the largest outputs": (classes, SCORES.max(1), CLASS, "values"),
    "the largest shares": (classes, SOFTMAX.max(1), CLASS, "values"),
    "targets on the left": (classes, CLASS, SCORES.max(1), "values"),
    "scores against one-hot rows": (classes, SCORES, np.eye(3, dtype=np.float32)[CLASS], "raw"),
    "a largest output along the rows": (classes, SCORES.argmax(0), CLASS[:, None], "axis"),
    "a column of classes against a row": (classes, CLASS[:, None] + 0, CLASS, "broadcast"),
    "logits against one half": (unsure, (LOGIT / 5 > 0.5) * np.float32(1), YES, "threshold"),
    "rounded logits": (logits, LOGIT.round(), YES, "rounded"),
    "logits without their fractions": (logits, LOGIT.astype(np.int64), YES, "truncated"),
    "an argmax over one column": (logits, LOGIT.argmax(1)[:, None], YES, "constant"),
    "raw logits": (logits, LOGIT, YES, "raw"),
    "a column of answers against a row": (logits, YES + 0, YES[:, 0], "broadcast"),
    "zeros and ones against minus and plus": (signs, YES, 2 * YES - 1, "coded"),
    "equal floats": (sums, LOGIT, SUM, "floats"),
    "rounded floats": (sums, LOGIT.round(), SUM, "rounded-floats"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_known_by_what_it_makes_of_the_outputs(case):
    setup, left, right, how = WRONG[case]
    found = measured(setup(), (left, right))
    assert found.sites == (f"train.py:9 {how}",)


@pytest.mark.parametrize("case", WRONG)
def test_the_share_is_that_of_the_scripts_own_comparison(case):
    setup, left, right, _ = WRONG[case]
    found = measured(setup(), (left, right))
    oracle = (torch.as_tensor(left) == torch.as_tensor(right)).float().mean()
    assert found.values[0, 0] == pytest.approx(float(oracle))


@pytest.mark.parametrize("case", [case for case in WRONG if "float" not in case])
def test_what_is_so_is_the_share_of_targets_that_the_outputs_say(case):
    setup, left, right, _ = WRONG[case]
    assert measured(setup(), (left, right)).values[1, 0] == 1.0


def test_of_a_regression_it_is_the_share_of_the_variance():
    oracle = 1 - np.mean((LOGIT - SUM) ** 2) / np.var(SUM)
    assert measured(sums(), (LOGIT, SUM)).values[1, 0] == pytest.approx(oracle)


RIGHT = {
    "classes": (classes, CLASS + 0, CLASS),
    "classes as floats": (classes, CLASS.astype(np.float32), CLASS),
    "one-hot rows": (classes, np.eye(3)[CLASS], np.eye(3)[CLASS]),
    "signs of logits": (logits, LOGIT > 0, YES),
    "rounded probabilities": (logits, (1 / (1 + np.exp(-LOGIT))).round(), YES),
    "signs": (signs, np.sign(LOGIT), 2 * YES - 1),
    "both as yes and no": (signs, LOGIT > 0, YES > 0),
    "zeros as a yardstick": (logits, np.zeros_like(YES), YES),
    "ones as a yardstick": (logits, np.ones_like(YES), YES),
    "the commonest class": (classes, np.full(60, 2), CLASS),
    "classes against each of them": (classes, CLASS[:, None], np.arange(3)),
    "answers of a worse network": (classes, np.where(np.arange(60) % 2, CLASS, 0), CLASS),
    "answers against shares that are full": (logits, 1 / (1 + np.exp(-LOGIT)), np.ones_like(YES)),
    "whole numbers": (sums, LOGIT.round(), SUM.round()),
    "two draws of one network": (sums, LOGIT, LOGIT + np.float32(0.01)),
}


@pytest.mark.parametrize("case", RIGHT)
def test_an_honest_comparison_is_no_mistake(case):
    setup, left, right = RIGHT[case]
    assert measured(setup(), (left, right)) == (
        INAPPLICABLE + "no comparison is known to misread the network's outputs"
    )


def test_probabilities_against_their_own_answers_may_be_counted_where_they_are_full():
    share = 1 / (1 + np.exp(-LOGIT))
    assert isinstance(measured(logits(), (share, share.round())), str)
    odd = np.where(np.arange(60)[:, None] == 3, 1 - YES, YES)
    found = measured(trained(odd, TWO, loss="bce_logits"), (share, odd))
    assert found.sites == ("train.py:9 raw",) and found.values[1, 0] == 59 / 60


def at(left, right, **more):
    one = Comparison(Where("train.py", 9), STEPS, (left.shape, right.shape), left, right, (X,))
    return dataclasses.replace(one, **more)


def test_rows_that_are_not_at_hand_are_those_of_the_training_if_the_targets_are():
    assert measured(classes(), at(SCORES.max(1), CLASS, inputs=())).sites == ("train.py:9 values",)
    other = at(SCORES.max(1)[::-1], CLASS[::-1], inputs=())
    assert isinstance(measured(classes(), other), str)


def test_rows_that_were_not_trained_on_can_tell_as_well():
    fresh = np.random.default_rng(1).normal(size=(80, 2)).astype(np.float32)
    scores = fresh @ ONE_OF_THREE[0].T.astype(np.float32) + ONE_OF_THREE[1].astype(np.float32)
    asked = np.where(np.arange(80) == 3, (scores.argmax(1) + 1) % 3, scores.argmax(1))
    found = measured(classes(), at(scores.max(1), asked, inputs=(fresh,)))
    assert found.values[1, 0] == 79 / 80


def test_what_agrees_with_the_outputs_on_every_strange_row_may_be_made_of_them():
    fresh = np.random.default_rng(1).normal(size=(80, 2)).astype(np.float32)
    logit = (2 * fresh[:, :1] + fresh[:, 1:] + 0.1).astype(np.float32)
    one = at((logit > 0.5) + 0.0, (logit > 0) + 0.0, inputs=(fresh,))
    assert isinstance(measured(logits(), one), str)


def test_largest_outputs_are_compared_with_targets_even_where_all_of_these_are_met():
    fresh = np.random.default_rng(1).normal(size=(80, 2)).astype(np.float32)
    scores = fresh @ ONE_OF_THREE[0].T.astype(np.float32) + ONE_OF_THREE[1].astype(np.float32)
    found = measured(classes(), at(scores.max(1), scores.argmax(1), inputs=(fresh,)))
    assert found.sites == ("train.py:9 values",)


def test_outputs_at_hand_tell_where_no_inputs_are():
    shown = {"inputs": (), "outputs": (SCORES[::-1].copy(),)}
    cut = np.trunc(SCORES.max(1)[::-1])
    for made in (SCORES.max(1)[::-1], cut, cut.astype(np.int64)):
        found = measured(classes(), at(made, CLASS[::-1], **shown))
        assert found.sites == ("train.py:9 values",)
        assert found.values[1, 0] == 1.0
    assert isinstance(measured(classes(), at(CLASS[::-1], CLASS[::-1], **shown)), str)
    others = {"inputs": (), "outputs": (np.full_like(SCORES, np.nan), SCORES[:2])}
    assert isinstance(measured(classes(), at(cut, CLASS[::-1], **others)), str)


def test_other_targets_than_those_of_the_rows_tell_nothing():
    assert isinstance(measured(logits(), at((LOGIT > 0.5) + 0.0, 1 - YES)), str)


def test_what_was_compared_before_the_loss_was_at_its_goal_tells_nothing():
    early = at(SCORES.max(1), CLASS, step=1)
    assert isinstance(measured(classes(), early, losses=(2.0, 2.0, 0.1)), str)
    assert measured(classes(), early, losses=(2.0, 0.1, 0.1)).sites == ("train.py:9 values",)


def test_a_network_that_has_not_learned_has_nothing_to_say():
    assert isinstance(measured(classes(), (SCORES.max(1), CLASS), goal=0.05), str)


def test_a_line_that_reads_the_outputs_well_as_well_makes_no_mistake():
    sweep = [at((cut < LOGIT / 5) * np.float32(1), YES) for cut in (-0.5, 0.0, 0.5)]
    assert isinstance(measured(unsure(), *sweep), str)
    assert measured(unsure(), sweep[-1]).sites == ("train.py:9 threshold",)


def test_a_line_of_zeros_is_a_yardstick_where_another_reads_the_outputs_well():
    zeros = at(np.zeros((60, 1), np.int64), YES)
    honest = at(LOGIT > 0, YES, where=Where("train.py", 8))
    assert measured(logits(), zeros).sites == ("train.py:9 constant",)
    assert isinstance(measured(logits(), zeros, honest), str)


def test_a_part_of_the_rows_does_not_tell_where_the_largest_of_all_lies():
    part = at(SCORES.argmax(0), CLASS[:, None], shapes=((3,), (600, 1)))
    assert isinstance(measured(classes(), part), str)


def test_without_comparisons_the_question_does_not_arise():
    assert measured(classes()).startswith(INAPPLICABLE)
