"""Runs that were cut a little short of their goal: what would have been learned by going on needs no cause."""

import math
from functools import partial

import numpy as np
import pytest
from setups import X, Y, changed, perceptron

from unstuck.core.change import Change, Kind
from unstuck.core.options import Options, silent
from unstuck.core.setup import Optimizer
from unstuck.core.transform import with_rate, with_steps
from unstuck.core.trial import GOES_ON
from unstuck.trial.ensemble import Course, train
from unstuck.trial.quicker import Descent
from unstuck.trial.search import search

GOAL = 0.009
FAR = Descent(0.5, 0.05)
NEAR = Descent(0.012, 0.05)
LONGER = Change("steps", "train on", partial(with_steps, factor=3.0))
FASTER = Change("rate", "a larger rate", partial(with_rate, factor=3.0), size=1)
BUG = Change("bug", "mend a bug", partial(with_rate, factor=5.0), kind=Kind.BUG)
IDLE = Change("idle", "mend nothing", lambda s: changed(s, loop_steps=True), kind=Kind.BUG)


def parabola(steps):
    setup = perceptron((1, 16, 1), rows=32, steps=steps)
    x = np.linspace(-1, 1, 32, dtype=np.float32)[:, None]
    optimizer = Optimizer("Adam", ({"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-8},))
    return changed(setup, data_rows={X: x, Y: x**2}, optimizer=optimizer)


@pytest.fixture(scope="module")
def short():
    """The parabola, ended where the last of its starts still lacked a quarter of the steps."""
    slowest = train(parabola(600), Course(GOAL, 24)).hits.max()
    return parabola(math.ceil(0.75 * float(slowest)))


def found(setup, *changes, descent=NEAR):
    remedies = {one.name: (one,) for one in changes}
    return search(setup, remedies, GOAL, Options(members=24, seconds=120.0), silent, descent)


def told(result):
    return [gap.because for gap in result.not_run if gap.name == GOES_ON]


def test_neither_a_longer_run_nor_a_larger_rate_is_prescribed_where_going_on_does(short):
    result = found(short, LONGER, FASTER, IDLE)
    assert result.prescription is None and result.trials == {}
    (because,) = told(result)
    assert because.startswith("24 of 24 fresh starts learn with no change where the run goes on")


def test_a_run_that_had_not_begun_to_learn_is_searched_as_ever(short):
    result = found(short, LONGER, descent=FAR)
    assert result.prescription is not None and result.prescription.names == ("steps",)
    assert told(result) == []


def test_a_run_that_twice_the_steps_do_not_suffice_for_is_searched_as_ever():
    result = found(parabola(40), LONGER, FASTER)
    assert result.prescription is not None and told(result) == []


def test_a_bug_without_which_it_takes_half_of_the_steps_is_proved_all_the_same(short):
    result = found(short, BUG, IDLE, LONGER)
    assert result.prescription is not None and result.prescription.names == ("bug",)
    trial = result.trials["bug"]
    assert trial.verdict == "helps" and trial.without.learned == 24
    assert trial.without.median_steps >= 2 * trial.with_it.median_steps
