"""Changes of a fit by scikit-learn are said and written as arguments of its constructor."""

from __future__ import annotations

import dataclasses
import functools
import sys
import warnings

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import SetArgument, SetSteps, WrapEstimator
from unstuck.core.finding import Finding
from unstuck.core.transform import (
    redrawn,
    replaced_activation,
    standardised_inputs,
    standardised_targets,
    unscheduled,
    wider,
    with_activation,
    with_batch,
    with_decay,
    with_fitting_draws,
    with_rate,
    with_steps,
    without_patience,
)
from unstuck.record.observer import PERCEPTRONS
from unstuck.record.sklearn.session import recording
from unstuck.record.sklearn.watcher import Watcher
from unstuck.rules.estimator import in_its_words

X = np.random.default_rng(0).normal(size=(40, 2)) * 9 + 4
Y = 100 * X[:, 0] + X[:, 1]


def fit(estimator, X, y):
    estimator.fit(X, y)


def chunks(estimator, X, y):
    for _ in range(3):
        estimator.partial_fit(X, y)


@functools.cache
def recorded(how=fit, **settings):
    watcher = Watcher()
    watcher.attach(sys.modules[PERCEPTRONS])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        how(MLPRegressor(**{"hidden_layer_sizes": (4, 3), "max_iter": 9, **settings}), X, Y)
    watcher.detach()
    return recording(watcher, {}, keep_data=True)


def told(setup, made=None, name="a-fault", kind=Kind.SETTING):
    change = Change(name, "what a rule says", setup, (), Safety.SHOW, kind)
    finding = Finding("X001", name, "a message", (), None, (change,))
    return in_its_words([finding], made or recorded())[0]


def arguments(finding):
    return [(e.function, e.keyword, e.value, e.old) for e in finding.remedies[0].edits]


CASES = {
    "the rate": (functools.partial(with_rate, factor=10), "learning_rate_init", 0.01, 0.001),
    "the penalty": (functools.partial(with_decay, factor=0.1), "alpha", 1e-05, 0.0001),
    "the length": (functools.partial(with_steps, factor=3), "max_iter", 27, 9),
    "the widths": (
        functools.partial(wider, factor=4), "hidden_layer_sizes", (16, 12), (4, 3),
    ),
    "the activation": (
        functools.partial(replaced_activation, old="relu", new="tanh"), "activation", "tanh", "relu",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_a_change_does_is_read_off_and_said_as_an_argument(case):
    setup, name, value, old = CASES[case]
    finding = told(setup)
    assert arguments(finding) == [("MLPRegressor", name, value, old)]
    assert finding.remedies[0].say.startswith(f"set {name}=")
    assert finding.remedies[0].safety is Safety.SAFE


def test_the_edit_is_aimed_at_the_line_of_the_constructor():
    made = recorded()
    edit = told(CASES["the rate"][0]).remedies[0].edits[0]
    assert isinstance(edit, SetArgument) and edit.call == made.lines["optimizer"]


def test_scaled_inputs_are_a_pipeline():
    finding = told(standardised_inputs)
    assert "make_pipeline(StandardScaler(), MLPRegressor(...))" in finding.remedies[0].say
    (edit,) = finding.remedies[0].edits
    assert isinstance(edit, WrapEstimator) and (edit.inputs, edit.targets) == (True, False)


def test_scaled_targets_are_turned_back_by_the_regressor_and_so_are_safe():
    finding = told(standardised_targets)
    assert "TransformedTargetRegressor(MLPRegressor(...)" in finding.remedies[0].say
    assert finding.remedies[0].edits[0].targets
    assert finding.remedies[0].safety is Safety.SAFE


def test_logarithms_of_targets_are_not_taken_for_scaled_ones():
    from unstuck.core.transform import logarithmic_targets

    shifted = recorded()
    rows = {**shifted.setup.data.rows, 1: np.abs(shifted.setup.data.rows[1]) + 1.0}
    data = dataclasses.replace(shifted.setup.data, rows=rows)
    made = dataclasses.replace(shifted, setup=dataclasses.replace(shifted.setup, data=data))
    assert told(logarithmic_targets, made).remedies == ()


def test_patience_is_ended_by_an_argument():
    made = recorded(tol=1e9, max_iter=90)
    finding = told(without_patience, made)
    assert arguments(finding) == [("MLPRegressor", "n_iter_no_change", 90, 10)]


def test_a_schedule_is_ended_by_an_argument():
    made = recorded(solver="sgd", learning_rate="invscaling", learning_rate_init=1e-6)
    assert arguments(told(unscheduled, made))[0][1:] == ("learning_rate", "constant", "invscaling")


def test_batches_have_an_argument_where_their_size_was_chosen():
    made = recorded(batch_size=4)
    finding = told(functools.partial(with_batch, batch=16), made, "batch-size-unfit")
    assert arguments(finding) == [("MLPRegressor", "batch_size", 16, 4)]


def test_a_fit_that_a_validation_has_stopped_is_made_longer_by_not_stopping_it():
    made = recorded(early_stopping=True, max_iter=90, tol=1e9, n_iter_no_change=1)
    assert made.estimator["stopped"] == "validation"
    short = told(functools.partial(with_steps, factor=2), made)
    assert arguments(short) == [("MLPRegressor", "early_stopping", False, True)]
    long = told(functools.partial(with_steps, factor=100), made)
    assert [keyword for _, keyword, _, _ in arguments(long)] == ["early_stopping", "max_iter"]


def test_that_scikit_learn_chose_the_batches_is_no_fault():
    finding = Finding("O013", "batch-size-unfit", "a message", ())
    assert in_its_words([finding], recorded()) == []


def test_other_starts_are_another_random_state():
    made = recorded(random_state=5)
    assert arguments(told(redrawn, made, "unlucky-init")) == [
        ("MLPRegressor", "random_state", 6, 5)
    ]


def test_of_a_loop_of_partial_fits_the_loop_is_made_longer():
    finding = told(functools.partial(with_steps, factor=5), recorded(chunks))
    assert finding.remedies[0].say == "fit 5 times as often"
    assert isinstance(finding.remedies[0].edits[0], SetSteps)


@pytest.mark.parametrize(
    "setup",
    [
        functools.partial(with_fitting_draws, scheme="kaiming", gain=1.4),
        functools.partial(replaced_activation, old="relu", new="leaky_relu"),
    ],
)
def test_what_no_argument_does_is_no_remedy(setup):
    assert told(setup).remedies == ()


def test_an_identity_is_called_so():
    made = recorded(activation="identity")
    finding = told(functools.partial(with_activation, names=["1", "2"], function="relu"), made)
    assert arguments(finding) == [("MLPRegressor", "activation", "relu", "identity")]


def test_for_dead_units_scikit_learn_has_another_activation():
    swap = functools.partial(replaced_activation, old="relu", new="elu")
    assert arguments(told(swap, name="dying-relu"))[0][1:3] == ("activation", "tanh")


def test_what_a_search_sets_is_told_and_not_written():
    made = recorded()
    known = {**made.estimator, "otherwise": ["alpha"]}
    finding = told(CASES["the penalty"][0], dataclasses.replace(made, estimator=known))
    assert finding.remedies[0].edits == ()
    assert finding.remedies[0].safety is Safety.SHOW


def test_a_penalty_is_called_alpha():
    finding = Finding(
        "O007", "weight-decay-too-strong", "the weight decay, 1, may be too strong: x", ()
    )
    assert in_its_words([finding], recorded())[0].message == "alpha=0.0001 may be too strong: x"


def test_a_penalty_becomes_a_number_that_people_write():
    finding = told(
        functools.partial(with_decay, factor=0.13), recorded(alpha=3.0), "weight-decay-too-strong"
    )
    assert arguments(finding) == [("MLPRegressor", "alpha", 0.5, 3.0)]


def test_findings_of_other_frameworks_stay_as_they_are():
    made = dataclasses.replace(recorded(), framework="torch")
    finding = Finding("X001", "a-fault", "a message", ())
    assert in_its_words([finding], made) == [finding]


def test_classes_are_fitted_by_their_own_class():
    watcher = Watcher()
    watcher.attach(sys.modules[PERCEPTRONS])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        MLPClassifier((4,), max_iter=3).fit(X, Y > 0)
    watcher.detach()
    made = recording(watcher, {}, keep_data=True)
    assert arguments(told(CASES["the rate"][0], made))[0][0] == "MLPClassifier"
