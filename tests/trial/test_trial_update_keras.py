"""The update rules of trials, with Keras' settings, against Keras' own optimizers."""

import os
import warnings

import numpy as np
import pytest
import torch

from unstuck.core.setup import Optimizer
from unstuck.record.keras.optimizers import Optimizers
from unstuck.record.torch.optimizers import specification
from unstuck.trial.update import Untrainable, update_rule

os.environ.setdefault("KERAS_BACKEND", "torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    keras = pytest.importorskip("keras")

STEPS = 6

RULES = [
    ("SGD", {"learning_rate": 0.1}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.3}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.5, "epsilon": 0.1}),
    ("Adam", {"learning_rate": 0.05, "amsgrad": True}),
    ("Adam", {"weight_decay": 0.3}),
    ("AdamW", {"learning_rate": 0.1}),
    ("RMSprop", {}),
    ("RMSprop", {"learning_rate": 0.05, "rho": 0.5, "epsilon": 0.1, "momentum": 0.5}),
    ("Adagrad", {"learning_rate": 0.1}),
    ("Adagrad", {"learning_rate": 0.1, "epsilon": 0.5, "initial_accumulator_value": 0.0}),
]


def gradients(seed=0):
    """Return (STEPS, 5) numbers, some of them tiny, where an epsilon shows."""
    drawn = np.random.default_rng(seed).normal(size=(STEPS, 5))
    return torch.tensor(drawn * [1.0, 10.0, 1e-3, 1e-6, 1e-8], dtype=torch.float32)


def known(optimizer, variable):
    return specification(Optimizers().of(optimizer, [variable]))


@pytest.mark.parametrize(("kind", "options"), RULES)
def test_a_rule_is_keras_own(kind, options):
    optimizer = getattr(keras.optimizers, kind)(**options)
    variable = keras.Variable(np.linspace(-1, 1, 5, dtype=np.float32))
    optimizer.build([variable])
    found = known(optimizer, variable)
    assert found.kind == kind
    kept, update = update_rule(found)
    weights = variable.value.detach().clone()[None]
    state, rate = tuple(torch.zeros_like(weights) for _ in range(kept)), torch.tensor(found.rate)
    for number, gradient in enumerate(gradients()):
        with torch.no_grad():
            optimizer.apply([gradient.clone()], [variable])
        weights, state = update(weights, gradient[None], state, rate, torch.tensor(number + 1.0))
        torch.testing.assert_close(weights[0], variable.value.detach(), rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("kind", "options", "name"),
    [
        ("Nadam", {}, "NAdam"),
        ("Lion", {}, "Lion"),
        ("Adam", {"loss_scale_factor": 2.0}, "Adam with loss_scale_factor"),
        ("SGD", {"use_ema": True}, "SGD with use_ema"),
        (
            "SGD",
            {"gradient_accumulation_steps": 2},
            "SGD with gradient_accumulation_steps",
        ),
    ],
)
def test_a_rule_that_no_trial_follows_has_a_name_that_says_why(kind, options, name):
    optimizer = getattr(keras.optimizers, kind)(**options)
    variable = keras.Variable(np.zeros(3, dtype=np.float32))
    found = known(optimizer, variable)
    assert found.kind == name
    with pytest.raises(Untrainable, match=name):
        update_rule(found)


def test_an_optimizer_of_the_scripts_own_is_unknown():
    mine = type("Mine", (keras.optimizers.SGD,), {})
    assert known(mine(), keras.Variable(np.zeros(3))).kind == "unknown (Mine)"


def test_a_rate_that_changes_moves_the_momentum_as_keras_has_it():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, 1, 0.5)
    optimizer = keras.optimizers.SGD(schedule, momentum=0.9)
    variable, seen = keras.Variable(np.zeros(5, dtype=np.float32)), Optimizers()
    optimizer.build([variable])
    kept, update = update_rule(specification(seen.of(optimizer, [variable])))
    weights = torch.zeros(1, 5)
    state = tuple(torch.zeros_like(weights) for _ in range(kept))
    for number, gradient in enumerate(gradients()):
        rate = torch.tensor(specification(seen.of(optimizer, [variable])).rate)
        with torch.no_grad():
            optimizer.apply([gradient.clone()], [variable])
        weights, state = update(weights, gradient[None], state, rate, torch.tensor(number + 1.0))
    torch.testing.assert_close(weights[0], variable.value.detach(), rtol=2e-5, atol=1e-7)


def test_the_norm_of_each_gradient_is_a_limit_of_its_own():
    assert Optimizers().of(keras.optimizers.Adam(clipnorm=0.5), []).each == 0.5


def test_limits_on_the_gradient_are_the_loops():
    optimizer = keras.optimizers.SGD(global_clipnorm=0.5)
    assert Optimizers().of(optimizer, []).limits == (0.5, None)
    assert Optimizers().of(keras.optimizers.SGD(clipvalue=0.1), []).limits == (None, 0.1)


def test_a_scheduled_rate_is_that_of_the_update_to_come():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    optimizer, seen = keras.optimizers.SGD(schedule), Optimizers()
    variable = keras.Variable(np.zeros(3, dtype=np.float32))
    rates = []
    for _ in range(3):
        rates.append(specification(seen.of(optimizer, [variable])).rate)
        with torch.no_grad():
            optimizer.apply([torch.ones(3)], [variable])
    assert rates == [0.1, 0.05, 0.025]


def test_settings_are_plain_data():
    found = known(keras.optimizers.Adam(), keras.Variable(np.zeros(3)))
    assert isinstance(found, Optimizer)
    assert found.groups[0]["lr"] == 0.001
    assert found.groups[0]["eps"] == 1e-7
