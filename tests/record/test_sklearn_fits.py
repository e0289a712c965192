"""Fits of scikit-learn's perceptrons are watched without being changed, and become a Setup that repeats them."""

from __future__ import annotations

import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from unstuck.record.folder import load, save
from unstuck.record.observer import PERCEPTRONS
from unstuck.record.sklearn.session import recording
from unstuck.record.sklearn.watcher import Watcher
from unstuck.trial.reproduce import differs

MOONS, LABELS = make_moons(90, noise=0.1, random_state=0)
VALUES = np.c_[MOONS[:, 0] ** 2, MOONS.sum(1)]


class Breaking(np.random.RandomState):
    """A generator that does something at its thirtieth permutation."""

    def __init__(self, then):
        super().__init__(0)
        self.left, self.then = 30, then

    def shuffle(self, x):
        self.left -= 1
        super().shuffle(x)
        if not self.left:
            self.then()


@contextmanager
def watching():
    watcher = Watcher()
    watcher.attach(sys.modules[PERCEPTRONS])
    try:
        yield watcher
    finally:
        watcher.detach()


def seen(watcher, **options):
    made = recording(watcher, {"how": "finished"}, keep_data=options.pop("keep_data", True))
    assert made is not None
    assert "setup" not in made.gaps, made.gaps
    return made


def loop(estimator, X, y):
    for start in range(0, 90, 30):
        part = slice(start, start + 30)
        estimator.partial_fit(X[part], y[part], classes=np.unique(y))
    return estimator


def again(estimator, X, y):
    for _ in range(3):
        estimator.fit(X, y)
    return estimator


def fit(estimator, X, y):
    return estimator.fit(X, y)


WAYS = {
    "adam": (fit, MLPClassifier, {"batch_size": 32}, LABELS),
    "words": (fit, MLPClassifier, {}, np.array(["out", "in"])[LABELS]),
    "three classes": (fit, MLPClassifier, {"alpha": 1.0}, LABELS + (MOONS[:, 0] > 1)),
    "several labels": (fit, MLPClassifier, {}, np.c_[LABELS, 1 - LABELS, MOONS[:, 0] > 0.5]),
    "sgd": (fit, MLPRegressor, {"solver": "sgd", "batch_size": 20}, VALUES[:, 0]),
    "sgd without nesterov": (
        fit,
        MLPRegressor,
        {"solver": "sgd", "nesterovs_momentum": False, "learning_rate": "invscaling"},
        VALUES[:, 0],
    ),
    "adaptive": (fit, MLPRegressor, {"solver": "sgd", "learning_rate": "adaptive"}, VALUES),
    "lbfgs": (fit, MLPRegressor, {"solver": "lbfgs", "activation": "tanh"}, VALUES),
    "early stopping": (fit, MLPClassifier, {"early_stopping": True}, LABELS),
    "warm start": (again, MLPClassifier, {"warm_start": True, "max_iter": 4}, LABELS),
    "partial fit": (loop, MLPClassifier, {"activation": "logistic"}, LABELS),
    "in order": (fit, MLPClassifier, {"shuffle": False, "batch_size": 40}, LABELS),
    "identity": (fit, MLPRegressor, {"activation": "identity"}, VALUES[:, 1]),
}


def made(way):
    how, kind, settings, y = WAYS[way]
    estimator = kind(
        **{"hidden_layer_sizes": (5, 4), "max_iter": 25, "random_state": 3, **settings}
    )
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        how(estimator, MOONS, y)
    return estimator, [(w.category, str(w.message), w.filename, w.lineno) for w in told]


@pytest.mark.parametrize("way", WAYS)
def test_a_watched_fit_is_the_same_bit_for_bit(way):
    np.random.seed(5)
    alone, told = made(way)
    drawn = np.random.get_state()[1]
    np.random.seed(5)
    with watching():
        watched, said = made(way)
    for a, b in zip(
        (*alone.coefs_, *alone.intercepts_), (*watched.coefs_, *watched.intercepts_), strict=True
    ):
        assert a.tobytes() == b.tobytes()
    assert getattr(alone, "loss_curve_", None) == getattr(watched, "loss_curve_", None)
    assert (alone.n_iter_, alone.loss_, told) == (watched.n_iter_, watched.loss_, said)
    assert (np.random.get_state()[1] == drawn).all()


@pytest.mark.parametrize("way", [way for way in WAYS if way != "lbfgs"])
def test_a_recorded_fit_is_repeated_by_a_trial(way):
    with watching() as watcher:
        made(way)
    found = seen(watcher)
    assert found.setup.plan.first or found.setup.plan.order == "full"
    assert differs(found) is None


def test_the_losses_of_an_epoch_make_the_loss_curve():
    with watching() as watcher:
        estimator, _ = made("adam")
    losses = seen(watcher).tables["loss"].values[:, 0]
    penalty = 1e-3 * max(estimator.loss_curve_)  # of alpha, which the recorded losses are without
    passes = losses.reshape(-1, 3) @ np.array([32, 32, 26]) / 90
    assert passes == pytest.approx(estimator.loss_curve_, abs=penalty)


def test_steps_of_lbfgs_are_a_gap_with_its_reason():
    with watching() as watcher:
        made("lbfgs")
    assert "lbfgs" in seen(watcher).gaps["static"]


def test_weighted_rows_are_a_gap_with_their_reason():
    with watching() as watcher, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            MLPClassifier((3,), max_iter=2).fit(MOONS, LABELS, sample_weight=np.ones(90))
        except TypeError:
            pytest.skip("this version of scikit-learn takes no weights")
    found = recording(watcher, {}, keep_data=True)
    assert "sample_weight" in found.gaps["setup"]


def test_a_fit_held_back_rows_for_a_validation_is_known_by_the_others():
    with watching() as watcher:
        made("early stopping")
    assert seen(watcher).setup.data.count == 81


def test_chunks_of_partial_fit_are_rows_of_one_training():
    with watching() as watcher:
        made("partial fit")
    found = seen(watcher)
    assert (found.setup.data.count, found.estimator["how"]) == (90, "partial_fit")


def test_an_optimizer_that_a_warm_start_builds_anew_is_seen():
    with watching() as watcher:
        made("warm start")
    loop = seen(watcher).setup.loop
    assert (loop.recreated, loop.recreated_every) == (True, 4)


def test_a_fit_that_ends_itself_has_patience():
    with watching() as watcher:
        estimator = MLPClassifier((5,), tol=1.0, n_iter_no_change=3, random_state=0)
        estimator.fit(MOONS, LABELS)
    setup = seen(watcher).setup
    assert setup.loop.patience.passes == 3
    assert setup.made == estimator.n_iter_ < setup.plan.steps


def test_the_lines_are_those_of_constructor_and_fit_also_of_what_a_search_cloned():
    with watching() as watcher, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimator = MLPClassifier((4,), max_iter=3)
        search = GridSearchCV(make_pipeline(StandardScaler(), estimator), {}, cv=2)
        search.fit(MOONS, LABELS)
    lines = seen(watcher).lines
    code = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert "estimator = MLPClassifier((4,)" in code[lines["optimizer"].line - 1]
    assert "search.fit(" in code[lines["forward"].line - 1]


def test_what_a_search_sets_is_known_to_stand_elsewhere():
    with watching() as watcher, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        GridSearchCV(MLPClassifier((4,), max_iter=3), {"alpha": [0.5]}, cv=2).fit(MOONS, LABELS)
    found = seen(watcher)
    assert (found.estimator["alpha"], found.estimator["otherwise"]) == (0.5, ["alpha"])


def test_the_fit_that_the_script_asked_for_goes_before_folds_of_a_validation():
    with watching() as watcher, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        grid = {"hidden_layer_sizes": [(4,), (6,)]}
        search = GridSearchCV(MLPClassifier(max_iter=5), grid, cv=2).fit(MOONS, LABELS)
    assert seen(watcher).setup.data.count == 90
    assert (
        seen(watcher).setup.parameters[1].start.size == search.best_params_["hidden_layer_sizes"][0]
    )


def test_a_loss_of_probabilities_that_were_cut_off_is_taken_from_the_logits():
    with watching() as watcher, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        MLPClassifier((5,), max_iter=3, random_state=0).fit(1e6 * MOONS, LABELS)
    found = seen(watcher)
    assert found.tables["loss"].values[0, 0] > 100
    assert differs(found) is None


def test_a_fit_that_is_broken_off_has_not_ended_itself():
    class Enough(Exception):
        pass

    def enough():
        raise Enough

    with watching() as watcher, pytest.raises(Enough):
        MLPClassifier((5,), max_iter=300, random_state=Breaking(enough)).fit(MOONS, LABELS)
    found = seen(watcher)
    assert found.estimator["stopped"] == "broken"
    assert found.setup.plan.steps == found.setup.made > 1


def test_a_fit_whose_units_are_all_but_flat_is_repeated():
    years = np.linspace(1900, 2020, 60)[:, None]
    with watching() as watcher, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = MLPClassifier((9,), activation="tanh", learning_rate_init=0.01, random_state=0)
        estimator.fit(years, years[:, 0] > 1950)
    assert differs(seen(watcher)) is None


def test_a_recorded_fit_is_saved_and_read_back(tmp_path):
    with watching() as watcher:
        made("three classes")
    save(seen(watcher), tmp_path)
    found = load(tmp_path)
    assert found.framework == "sklearn"
    assert found.estimator["hidden_layer_sizes"] == [5, 4]
    assert differs(found) is None


def test_no_rows_are_kept_where_that_was_asked_for():
    with watching() as watcher:
        made("adam")
    assert not seen(watcher, keep_data=False).setup.data.rows


def test_nothing_is_left_in_scikit_learn():
    module = sys.modules[PERCEPTRONS]
    before = dict(vars(module.BaseMultilayerPerceptron))
    with watching():
        pass
    assert dict(vars(module.BaseMultilayerPerceptron)) == before


def test_rows_that_come_again_in_other_chunks_are_kept_once():
    order = np.random.default_rng(0)
    with watching() as watcher:
        estimator = MLPClassifier((5,), random_state=0)
        for _ in range(3):
            for chunk in np.array_split(order.permutation(90), 3):
                estimator.partial_fit(MOONS[chunk], LABELS[chunk], classes=[0, 1])
    found = seen(watcher)
    assert found.setup.data.count == 90
    assert (found.setup.plan.order, found.setup.plan.batch, found.setup.plan.steps) == (
        "epochs",
        30,
        9,
    )
    assert differs(found) is None
