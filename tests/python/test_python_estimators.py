"""Estimators of scikit-learn given to `unstuck.diagnose`: a copy is fitted, in silence."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import unstuck
from unstuck.python.fitting import recorded
from unstuck.trial.reproduce import differs

X, Y = make_moons(50, noise=0.1, random_state=0)


def small(**settings):
    return MLPClassifier((4,), max_iter=6, **settings)


def test_a_copy_is_fitted_and_the_estimator_stays_as_it_is():
    np.random.seed(7)
    drawn = np.random.get_state()[1].tobytes()
    estimator = small()
    before = dict(vars(estimator))
    found = recorded(estimator, X, Y, random_state=0)
    assert vars(estimator) == before
    assert np.random.get_state()[1].tobytes() == drawn
    assert found.setup.made == 6
    assert differs(found) is None


def test_the_same_state_gives_the_same_fit():
    one, two = (recorded(small(), X, Y, random_state=3) for _ in range(2))
    assert (one.setup.parameters[0].end == two.setup.parameters[0].end).all()


def test_a_pipeline_is_fitted_whole():
    found = recorded(make_pipeline(StandardScaler(), small()), X * 100, Y, random_state=0)
    rows = found.setup.data.rows[found.setup.program.inputs[0]]
    assert rows.std(axis=0) == pytest.approx(1.0)


def test_no_line_is_taken_for_the_users():
    assert recorded(small(), X, Y, random_state=0).lines == {}


@pytest.mark.parametrize(
    ("model", "rows", "labels", "said"),
    [
        (LogisticRegression(), X, Y, "holds no MLPClassifier or MLPRegressor"),
        (small(), X * np.nan, Y, "Input X contains NaN"),
        (small(), X[:0], Y[:0], "Found array with 0 sample"),
        (small(), X, Y[:3], "inconsistent numbers of samples"),
        (MLPRegressor(), X, ["a"] * 50, "y holds words"),
        (MLPClassifier(alpha=-1), X, Y, "alpha"),
    ],
)
def test_what_cannot_be_fitted_is_told_in_one_sentence(model, rows, labels, said):
    with pytest.raises(unstuck.Undiagnosable) as refused:
        unstuck.diagnose(model, rows, labels)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_belongs_to_torch_is_refused():
    with pytest.raises(unstuck.Undiagnosable, match="epochs=5 belongs to torch modules"):
        unstuck.diagnose(small(), X, Y, epochs=5)
