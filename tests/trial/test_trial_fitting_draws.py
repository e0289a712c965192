"""Starting values that fit the layers' sizes: their spread is that of torch's own functions."""

import dataclasses
import math

import pytest
import torch
from setups import perceptron

from unstuck.core.setup import Draw
from unstuck.core.transform import Unchangeable, with_fitting_draws
from unstuck.trial.draw import starts


@pytest.mark.parametrize(
    ("scheme", "gain", "draw"),
    [
        ("xavier", 1.0, torch.nn.init.xavier_uniform_),
        ("xavier", 4.0, lambda w: torch.nn.init.xavier_uniform_(w, gain=4)),
        (
            "kaiming",
            math.sqrt(2),
            lambda w: torch.nn.init.kaiming_uniform_(w, nonlinearity="relu"),
        ),
    ],
)
def test_weights_are_drawn_as_torchs_function_of_this_name_does(scheme, gain, draw):
    changed = with_fitting_draws(perceptron((30, 50, 1)), scheme, gain)
    ours = starts(changed, 4, 0)[0]
    torch.manual_seed(0)
    torchs = draw(torch.empty(50, 30))
    assert float(ours.abs().max()) == pytest.approx(float(torchs.abs().max()), rel=0.01)
    assert float(ours.std()) == pytest.approx(float(torchs.std()), rel=0.05)


def test_biases_keep_their_draws():
    before = perceptron((3, 5, 1))
    after = with_fitting_draws(before, "xavier")
    pairs = zip(before.parameters, after.parameters, strict=True)
    assert [p.draws != q.draws for p, q in pairs] == [True, False, True, False]
    assert after.start == "draw"


def test_weights_that_may_be_loaded_are_left_alone():
    setup = perceptron((3, 5, 1))
    kept = tuple(dataclasses.replace(p, draws=(Draw("keep"),)) for p in setup.parameters)
    with pytest.raises(Unchangeable, match="may be loaded"):
        with_fitting_draws(dataclasses.replace(setup, parameters=kept), "xavier")
