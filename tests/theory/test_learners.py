"""Learners out of sample: they find what is there, nothing in noise, and agree with slow twins."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from theory_problems import heart_rate, problem

from unstuck.theory import learners, penalised
from unstuck.theory.kernel import features
from unstuck.theory.learners import scores

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(200, 3))


def best(kind, inputs, targets, **more):
    return scores(problem(kind, inputs, targets, **more))[0]


def test_a_noisy_line_is_predicted_to_within_its_noise():
    targets = INPUTS @ [[2.0], [1.0], [0.0]] + RANDOM.normal(size=(200, 1)) * 0.3
    found = best("squares", INPUTS, targets)
    assert found.loss == pytest.approx(0.09, rel=0.3)


def test_in_pure_noise_no_learner_beats_the_constant_clearly():
    for seed in range(5):
        targets = np.random.default_rng(seed).normal(size=(200, 1))
        found = best("squares", INPUTS, targets)
        assert targets.var() - found.loss < max(0.02 * targets.var(), 2 * found.gain_error)


def test_a_step_is_found_by_boosted_trees_or_sharp_kernels():
    assert best("binary", *heart_rate()).loss < 0.05


def test_a_product_of_signs_is_found():
    targets = (INPUTS[:, :2].prod(1, keepdims=True) > 0).astype(float)
    assert best("binary_logits", INPUTS, targets).loss < 0.35


def test_three_classes_are_found():
    targets = np.digitize(INPUTS[:, 0], [-0.5, 0.5])
    assert best("classes", INPUTS, targets).loss < 0.25


def test_two_outputs_are_found_at_once():
    targets = np.column_stack([INPUTS[:, 0] ** 2, INPUTS[:, 1]])
    assert best("squares", INPUTS, targets).loss < 0.3 * targets.var(0).mean()


def test_the_error_is_about_the_spread_of_the_score_over_data_sets(monkeypatch):
    everyone = learners._learners
    monkeypatch.setattr(
        learners, "_learners", lambda p: {learners.LINEAR: everyone(p)[learners.LINEAR]}
    )
    found = []
    for seed in range(30):
        random = np.random.default_rng(seed)
        inputs = random.normal(size=(120, 1))
        made = problem("squares", inputs, inputs + random.normal(size=(120, 1)))
        found.extend(scores(made))
    spread = np.std([score.loss for score in found])
    assert np.mean([score.error for score in found]) == pytest.approx(spread, rel=0.35)


def test_many_rows_are_sampled_and_the_score_says_how_many():
    inputs = np.random.default_rng(0).normal(size=(2500, 1))
    assert best("squares", inputs, inputs**2).rows == learners.MOST_ROWS


@pytest.mark.parametrize("seed", range(3))
def test_a_sample_that_happens_to_vary_less_is_no_signal(monkeypatch, seed):
    def mean(inputs, targets, test):
        return np.tile(targets.mean(0), (len(test), 1))

    random = np.random.default_rng(seed)
    inputs, targets = random.normal(size=(4000, 3)), random.standard_t(3, size=(4000, 1))
    monkeypatch.setattr(learners, "_learners", lambda problem: {"a mean": mean})
    one = best("squares", inputs, targets)
    assert one.rows < 4000
    assert one.loss == pytest.approx(targets.var(), rel=5e-3)


def test_held_out_rows_are_never_shown_to_the_learner():
    seen = []

    def spy(inputs, targets, test):
        seen.append((set(inputs[:, 0]), set(test[:, 0])))
        return np.zeros((len(test), 1))

    rows = np.arange(50.0)[:, None]
    folds = learners._folds(50, 0)
    learners._held_out(spy, rows, rows, folds)
    assert len(seen) == learners.FOLDS
    assert all(not (kept & held) and len(kept | held) == 50 for kept, held in seen)


def test_neighbours_agree_with_scikit_learn_up_to_the_weight_on_the_mean():
    targets = RANDOM.normal(size=(200, 1))
    made = learners._neighbours(5)(INPUTS[:150], targets[:150], INPUTS[150:])
    plain = KNeighborsRegressor(5).fit(INPUTS[:150], targets[:150]).predict(INPUTS[150:])
    assert made == pytest.approx((5 * plain + targets[:150].mean()) / 6)


def test_ridge_is_scikit_learns_at_the_penalty_with_the_least_criterion():
    targets = INPUTS @ [[1.0], [0.5], [0.0]] + RANDOM.normal(size=(200, 1))
    centred = INPUTS - INPUTS.mean(0)
    made = penalised.ridge(centred, targets, centred)
    top = np.linalg.svd(centred)[1][0] ** 2
    slow = {}
    for penalty in penalised.RIDGES * top:
        fit = Ridge(alpha=penalty).fit(centred, targets).predict(centred).reshape(-1, 1)
        hat = centred @ np.linalg.inv(centred.T @ centred + penalty * np.eye(3)) @ centred.T
        free = 1 - (1 + np.trace(hat)) / 200
        slow[((fit - targets) ** 2).sum() / free**2] = fit
    assert made == pytest.approx(slow[min(slow)], abs=1e-8)


@pytest.mark.parametrize("link", ["sigmoid", "softmax"])
def test_penalised_logistic_weights_agree_with_scikit_learn(link):
    label = (INPUTS[:, 0] + RANDOM.normal(size=200) > 0).astype(int)
    if link == "softmax":
        label = label + (INPUTS[:, 1] > 1)
    targets = label[:, None].astype(float) if link == "sigmoid" else np.eye(3)[label]
    design = np.column_stack([INPUTS, np.ones(200)])
    start = np.zeros((4, targets.shape[1]))
    weights = penalised.logistic_weights(design, targets, start, penalty=0.01, link=link)
    model = LogisticRegression(C=1 / (0.01 * 200), tol=1e-8).fit(INPUTS, label)
    share = penalised._normalised(design @ weights, link)[1]
    expected = model.predict_proba(INPUTS)
    assert share == pytest.approx(expected[:, 1:] if link == "sigmoid" else expected, abs=2e-3)


@pytest.mark.parametrize("link", ["sigmoid", "softmax"])
def test_the_shares_are_the_slope_of_the_normaliser(link):
    raw = RANDOM.normal(size=(1, 4))
    error = check_grad(
        lambda r: penalised._normalised(r[None], link)[0].sum(),
        lambda r: penalised._normalised(r[None], link)[1][0],
        raw[0],
    )
    assert error < 1e-6


def test_nystroem_features_have_the_gaussian_kernel_as_their_product():
    inputs = RANDOM.normal(size=(60, 2))  # fewer rows than landmarks: the features are exact
    made, _ = features(inputs, inputs, width=1.0)
    apart = ((inputs[:, None] - inputs) ** 2).sum(-1)
    scale = np.sqrt(np.median(apart[apart > 1e-12]))
    assert made @ made.T == pytest.approx(RBF(scale)(inputs), abs=1e-6)


def test_columns_that_never_vary_are_left_out():
    made = learners.standardised(np.column_stack([np.full(20, 1e6), np.arange(20.0)]))
    assert made.shape == (20, 1)
    assert (made.mean(), made.std()) == pytest.approx((0, 1))


def test_the_error_of_a_gain_leaves_out_the_noise_that_learner_and_constant_share():
    inputs = np.random.default_rng(1).normal(size=(300, 1))
    targets = 0.3 * inputs + np.random.default_rng(2).normal(size=(300, 1))
    found = best("squares", inputs, targets)
    assert found.gain_error < 0.6 * found.error


@pytest.mark.parametrize("kind", ["binary", "binary_logits"])
def test_a_learner_may_not_be_surer_than_its_rows_allow(kind):
    made = problem(kind, np.zeros((9, 1)), np.zeros((9, 1)))
    sure = learners.offered(made, np.ones((9, 1)))
    assert made.loss(sure) == pytest.approx(np.log(20))


def test_waves_that_no_other_learner_follows_are_found():
    inputs = np.random.default_rng(3).uniform(size=(400, 2))
    targets = np.sin(60 * inputs[:, :1] + 40 * inputs[:, 1:])
    every = scores(problem("squares", inputs, targets))
    assert every[0].name == learners.WAVES
    assert every[0].loss < 0.05 < 0.4 < every[1].loss


def test_waves_are_not_looked_for_where_another_learner_explains_half():
    targets = INPUTS[:, :1] + 0.5 * RANDOM.normal(size=(200, 1))
    assert learners.WAVES not in [s.name for s in scores(problem("squares", INPUTS, targets))]
