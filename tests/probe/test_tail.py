"""Whether a few rows hold the squared loss, and whether the run is judged by logarithms then."""

import dataclasses

import numpy as np
import pytest
from probe_setups import drawn, network, recording

from unstuck.probe import tail
from unstuck.probe.ladder import measure
from unstuck.probe.subject import subject

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(200, 2)).astype(np.float32)
LOGS = (2 * INPUTS[:, :1] + INPUTS[:, 1:]).astype(np.float32)


def made(targets, **more):
    setup = network(INPUTS, np.asarray(targets, np.float32), drawn((2, 1)), **more)
    ended = tuple(dataclasses.replace(p, end=p.start) for p in setup.parameters)
    return dataclasses.replace(setup, parameters=ended)


def judged(setup):
    found = tail.measure(subject(setup), recording(setup))["tail"]
    return found.at("logarithms") == 1 or found.at("far") > 0


def test_the_share_is_that_of_the_farthest_hundredth():
    values = np.exp(LOGS)
    squares = sorted(float(v - values.mean()) ** 2 for v in values.ravel())
    assert tail.held(values) == pytest.approx(sum(squares[-2:]) / sum(squares), rel=1e-4)
    assert tail.held(np.zeros((200, 1))) == 0
    assert tail.held(RANDOM.normal(size=(5000, 1))) == pytest.approx(0.085, abs=0.01)


def test_log_normal_targets_that_were_not_learned_are_judged_by_logarithms():
    setup = made(np.exp(LOGS))
    assert judged(setup)
    ladder = measure(subject(setup), recording(setup))["ladder"]
    assert ladder.at("constant") == pytest.approx(float(LOGS.var()), rel=1e-3)
    predicted = subject(setup).predictions(-1).numpy()
    least = float(np.exp(LOGS).min())
    end = np.mean((np.log(np.maximum(predicted, least)) - LOGS) ** 2)
    assert ladder.at("end") == pytest.approx(float(end), rel=1e-3)


def slipped(values, places=(7, 50, 133), times=1000.0):
    """The values, of which some were entered without the decimal point."""
    wrong = np.array(values, np.float32)
    wrong[list(places)] *= times
    return wrong


def test_rows_but_a_few_far_ones_are_judged_where_logarithms_do_not_help():
    good = 2 + np.sin(LOGS)
    setup = made(slipped(good))
    found = tail.measure(subject(setup), recording(setup))["tail"]
    near = np.delete(good, [7, 50, 133], 0)
    assert found.at("far") == 3 and np.isnan(found.at("logarithms"))
    assert (found.at("low"), found.at("high")) == (near.min(), near.max())
    ladder = measure(subject(setup), recording(setup))["ladder"]
    assert ladder.at("constant") == pytest.approx(float(near.var()), rel=1e-3)
    assert ladder.at("floor") == 0
    predicted = np.delete(subject(setup).predictions(-1).numpy(), [7, 50, 133], 0)
    errors = np.sum((predicted - near) ** 2) / 200  # the three count, as if they were right
    assert ladder.at("end") == pytest.approx(float(errors), rel=1e-3)


def test_far_rows_that_are_too_many_are_a_second_kind_of_row():
    setup = made(slipped(2 + np.sin(LOGS), places=range(0, 200, 18)))
    assert np.isnan(tail.measure(subject(setup), recording(setup))["tail"].at("far"))


def test_the_range_of_the_near_is_none_without_far_ones_or_with_several_targets_a_row():
    assert tail.near(RANDOM.normal(size=(5000, 1))) is None
    assert tail.near(np.ones((100, 1))) is None
    assert tail.near(slipped(np.ones((200, 2)))) is None
    assert tail.near(slipped(np.ones((200, 1)))) is None
    assert tail.near(slipped(np.arange(1.0, 201.0)[:, None])) == (1.0, 200.0)


@pytest.mark.parametrize(
    "targets",
    [
        LOGS,
        np.exp(LOGS) - 1,
        np.exp(2 * RANDOM.normal(size=(200, 1))),
        slipped(2 + RANDOM.normal(size=(200, 1)) ** 2),
        np.exp(LOGS)[:, 0] * 0 + 3,
    ],
    ids=["no tail", "not all positive", "nothing to learn", "slips in noise", "constant"],
)
def test_others_are_judged_by_their_own_loss(targets):
    assert not judged(made(targets))


def test_other_losses_are_no_squares():
    assert not judged(made(np.exp(LOGS), loss="l1"))


def test_a_run_that_learned_by_squares_is_judged_by_them(monkeypatch):
    monkeypatch.setattr(tail, "_learned", lambda problem, end: True)
    assert not judged(made(np.exp(LOGS)))
