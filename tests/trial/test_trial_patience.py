"""Members that end by themselves do so when scikit-learn's own fit of the same weights does."""

import dataclasses
import math
import sys
import warnings

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from unstuck.core.transform import with_batch, with_steps, without_patience
from unstuck.record.observer import PERCEPTRONS
from unstuck.record.sklearn.session import recording
from unstuck.record.sklearn.watcher import Watcher
from unstuck.trial.batches import numbers
from unstuck.trial.ensemble import Course, train

X = np.random.default_rng(0).normal(size=(60, 2))
VALUES = X[:, 0] * X[:, 1]

FITS = {
    "squares": (MLPRegressor, {"tol": 1e-3, "n_iter_no_change": 4}, VALUES),
    "two targets": (MLPRegressor, {"tol": 5e-3, "alpha": 5.0}, np.c_[VALUES, X[:, 0]]),
    "cut off": (MLPClassifier, {"tol": 1e-2, "n_iter_no_change": 6}, VALUES > 0),
    "sgd": (MLPRegressor, {"solver": "sgd", "tol": 1e-2, "learning_rate_init": 0.02}, VALUES),
}


def fitted(name):
    kind, settings, y = FITS[name]
    rows = 1e5 * X if name == "cut off" else X
    estimator = kind(**{"hidden_layer_sizes": (6,), "max_iter": 400, "random_state": 1, **settings})
    watcher = Watcher()
    watcher.attach(sys.modules[PERCEPTRONS])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(rows, y)
    watcher.detach()
    setup = recording(watcher, {}, keep_data=True).setup
    return estimator, dataclasses.replace(setup, start="recorded")


@pytest.mark.parametrize("name", FITS)
def test_a_member_ends_when_the_fit_did_and_where_it_did(name):
    estimator, setup = fitted(name)
    result = train(setup, Course(-math.inf, 2))
    assert estimator.n_iter_ < 400
    assert result.steps == estimator.n_iter_
    ended = dataclasses.replace(
        setup,
        start="recorded",
        parameters=tuple(dataclasses.replace(p, start=p.end) for p in setup.parameters),
        plan=dataclasses.replace(setup.plan, steps=1),
    )
    at_end = train(ended, Course(math.inf, 1)).curve[0][1]
    assert float(result.losses[0]) == pytest.approx(at_end, rel=1e-4)


def test_without_patience_every_update_is_made():
    _, setup = fitted("squares")
    assert train(without_patience(setup), Course(-math.inf, 2)).steps == setup.plan.steps


def test_a_longer_training_still_has_patience():
    _, setup = fitted("squares")
    assert train(with_steps(setup, 3.0), Course(-math.inf, 2)).steps == setup.made


def test_a_pass_over_smaller_batches_has_more_updates():
    _, setup = fitted("squares")
    plan = dataclasses.replace(setup.plan, order="epochs", batch=60)
    smaller = with_batch(dataclasses.replace(setup, plan=plan), 20)
    assert smaller.loop.patience.per == 3


def test_what_patience_listens_to_is_the_mean_over_all_rows():
    _, setup = fitted("squares")
    plan = dataclasses.replace(setup.plan, order="epochs", batch=25)
    patience = dataclasses.replace(setup.loop.patience, per=3)
    loop = dataclasses.replace(setup.loop, patience=patience)
    rows = numbers(dataclasses.replace(setup, plan=plan, loop=loop), 0)
    for _ in range(2):
        batches = [next(rows) for _ in range(3)]
        assert {len(batch) for batch in batches} == {20}
        assert sorted(np.concatenate(batches)) == list(range(60))
