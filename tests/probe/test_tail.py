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
    return tail.measure(subject(setup), recording(setup))["tail"].at("logarithms") == 1


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


@pytest.mark.parametrize(
    "targets",
    [
        LOGS,
        np.exp(LOGS) - 1,
        np.exp(2 * RANDOM.normal(size=(200, 1))),
        np.where(np.arange(200)[:, None] == 7, 1e6, 2 + np.sin(LOGS)),
        np.exp(LOGS)[:, 0] * 0 + 3,
    ],
    ids=["no tail", "not all positive", "nothing to learn", "one wrong value", "constant"],
)
def test_others_are_judged_by_their_own_loss(targets):
    assert not judged(made(targets))


def test_other_losses_are_no_squares():
    assert not judged(made(np.exp(LOGS), loss="l1"))


def test_a_run_that_learned_by_squares_is_judged_by_them(monkeypatch):
    monkeypatch.setattr(tail, "_learned", lambda problem, end: True)
    assert not judged(made(np.exp(LOGS)))
