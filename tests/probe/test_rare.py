"""How many rows of the rarest class are recognised, and the loss that weighs classes."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from probe_setups import Y, drawn, network, recording
from torch.nn import functional

from unstuck.core.quantities import INAPPLICABLE
from unstuck.core.transform import Unchangeable, unweighed, weighed
from unstuck.probe.rare import measure
from unstuck.probe.subject import subject
from unstuck.replay import interpret, tensors

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(200, 2)).astype(np.float32)
RARE = INPUTS[:, :1] > 1.7
YES = RARE.astype(np.float32)
KINDS = (RARE[:, 0] + 2 * (INPUTS[:, 1] > 0.5) * ~RARE[:, 0]).astype(np.int64)


def binary(targets=YES, **options):
    ends = drawn((2, 1), 1)
    return network(INPUTS, targets, drawn((2, 1)), loss="bce_logits", ends=ends, **options)


def many(**options):
    ends = drawn((2, 3), 1)
    return network(INPUTS, KINDS, drawn((2, 3)), loss="ce", ends=ends, **options)


def measured(setup):
    return measure(subject(setup), recording(setup))["rare_class"]


def values(setup, *slots):
    return interpret(setup.program)(
        tensors.weights(setup, "end"), tensors.rows(setup), want=(*slots, setup.program.prediction)
    )


@pytest.mark.parametrize(("setup", "rare"), [(binary(), YES[:, 0] == 1), (many(), KINDS == 1)])
def test_the_rarest_class_is_counted_and_looked_for(setup, rare):
    made = values(setup)[setup.program.prediction]
    named = made.argmax(1) == 1 if made.shape[1] > 1 else made[:, 0] > 0
    hits = [bool(one) for one, asked in zip(named, rare, strict=True) if asked]
    found = measured(setup)
    assert found.at("share") == pytest.approx(sum(rare) / 200)
    assert found.at("recall") == pytest.approx(sum(hits) / len(hits))


@pytest.mark.parametrize(
    ("setup", "why"),
    [
        (network(INPUTS, YES, drawn((2, 1))), "not one cross-entropy"),
        (binary(np.full_like(YES, 0.3)), "several classes"),
        (binary(loss_kwargs={"pos_weight": {"slot": 700}}), "already"),
        (many(loss_kwargs={"label_smoothing": 0.1}), "smooths"),
    ],
)
def test_where_there_is_no_rare_class_nothing_is_measured(setup, why):
    if why == "already":
        program = dataclasses.replace(setup.program, constants={700: np.ones(1, np.float32)})
        setup = dataclasses.replace(setup, program=program)
    found = measured(setup)
    assert found.startswith(INAPPLICABLE) and why in found


@pytest.mark.parametrize(("setup", "weights"), [(binary(), (19.0,)), (many(), (1.5, 9.0, 1.0))])
def test_a_weighed_loss_is_that_of_torch_and_judged_without_its_weights(setup, weights):
    changed = weighed(setup, weights)
    end, score = changed.program.loss, changed.program.score
    found = values(changed, end, score)
    made, asked = found[changed.program.prediction], torch.from_numpy(setup.data.rows[Y])
    given = torch.tensor(weights)
    if len(weights) == 1:
        own = functional.binary_cross_entropy_with_logits(made, asked, pos_weight=given)
        plain = functional.binary_cross_entropy_with_logits(made - math.log(19.0), asked)
    else:
        own = functional.cross_entropy(made, asked, weight=given)
        plain = functional.cross_entropy(made - given.log(), asked)
    assert float(found[end]) == pytest.approx(float(own), rel=1e-5)
    assert float(found[score]) == pytest.approx(float(plain), rel=1e-5)


def test_the_best_constant_of_both_losses_is_the_same_once_it_is_turned_back():
    weight, asked = torch.tensor([19.0]), torch.from_numpy(YES)
    grid = torch.linspace(-8, 8, 3201)
    rows = [
        [
            float(
                functional.binary_cross_entropy_with_logits(
                    logit.expand_as(asked), asked, pos_weight=used
                )
            )
            for logit in grid
        ]
        for used in (None, weight)
    ]
    plain, heavy = (float(grid[int(np.argmin(losses))]) for losses in rows)
    assert heavy - math.log(19.0) == pytest.approx(plain, abs=0.01)


def test_a_recorded_loss_with_weights_is_judged_as_the_trial_judged_it():
    changed = weighed(binary(), (19.0,))
    size = len(binary().program.ops)
    program = dataclasses.replace(changed.program, ops=changed.program.ops[:size], judged=None)
    recorded = unweighed(dataclasses.replace(changed, program=program))
    ours, theirs = (
        float(values(one, one.program.score)[one.program.score]) for one in (changed, recorded)
    )
    assert ours == pytest.approx(theirs, rel=1e-6)
    assert unweighed(binary()).program.judged is None


def test_a_loss_is_weighed_once():
    with pytest.raises(Unchangeable):
        weighed(weighed(binary(), (19.0,)), (19.0,))
