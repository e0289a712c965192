"""Update rules against torch.optim itself, step by step."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from unstuck.core.setup import Optimizer
from unstuck.trial.update import Untrainable, update_rule

STEPS = 7
WEIGHTS = 5


def ours(kind, groups, gradients, start):
    """The weights after each update, for an ensemble of two of which only the first is looked at."""
    kept, update = update_rule(Optimizer(kind, groups))
    flat = torch.stack([start, -start])
    state = tuple(torch.zeros_like(flat) for _ in range(kept))
    rate = torch.full((2, 1), groups[0]["lr"], dtype=torch.float64)
    seen = []
    for t, gradient in enumerate(gradients, start=1):
        both = torch.stack([gradient, 3 * gradient])
        flat, state = update(flat, both, state, rate, torch.tensor(float(t), dtype=torch.float64))
        seen.append(flat[0])
    return torch.stack(seen)


def theirs(kind, groups, gradients, start):
    weights = start.clone().requires_grad_()
    optimizer = getattr(torch.optim, kind)([weights], **groups[0])
    seen = []
    for gradient in gradients:
        weights.grad = gradient.clone()
        optimizer.step()
        seen.append(weights.detach().clone())
    return torch.stack(seen)


def agree(kind, options, seed):
    generator = torch.Generator().manual_seed(seed)
    gradients = torch.randn(STEPS, WEIGHTS, generator=generator, dtype=torch.float64)
    start = torch.randn(WEIGHTS, generator=generator, dtype=torch.float64)
    weights = start.clone().requires_grad_()
    made = getattr(torch.optim, kind)([weights], **options)
    groups = tuple({k: v for k, v in g.items() if k != "params"} for g in made.param_groups)
    one = ours(kind, groups, gradients, start)
    other = theirs(kind, (options,), gradients, start)
    torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


rates = st.floats(1e-4, 1.0)
decays = st.sampled_from([0.0, 1e-4, 0.1])
seeds = st.integers(0, 10**6)
some = settings(max_examples=40, deadline=None)


@some
@given(
    rate=rates,
    momentum=st.sampled_from([0.0, 0.5, 0.9, 0.99]),
    dampening=st.sampled_from([0.0, 0.1, 0.9]),
    decay=decays,
    nesterov=st.booleans(),
    maximize=st.booleans(),
    seed=seeds,
)
def test_sgd_is_torchs(rate, momentum, dampening, decay, nesterov, maximize, seed):
    options = {"lr": rate, "momentum": momentum, "weight_decay": decay, "maximize": maximize}
    if nesterov and momentum:
        options["nesterov"] = True
    else:
        options["dampening"] = dampening
    agree("SGD", options, seed)


@some
@given(
    kind=st.sampled_from(["Adam", "AdamW"]),
    rate=rates,
    betas=st.tuples(st.sampled_from([0.0, 0.5, 0.9]), st.sampled_from([0.9, 0.99, 0.999])),
    eps=st.sampled_from([1e-8, 1e-3]),
    decay=decays,
    maximize=st.booleans(),
    seed=seeds,
)
def test_adam_and_adamw_are_torchs(kind, rate, betas, eps, decay, maximize, seed):
    options = {"lr": rate, "betas": betas, "eps": eps, "weight_decay": decay}
    agree(kind, {**options, "maximize": maximize}, seed)


@some
@given(
    rate=rates,
    alpha=st.sampled_from([0.5, 0.9, 0.99]),
    momentum=st.sampled_from([0.0, 0.9]),
    eps=st.sampled_from([1e-8, 1e-3]),
    decay=decays,
    seed=seeds,
)
def test_rmsprop_is_torchs(rate, alpha, momentum, eps, decay, seed):
    options = {"lr": rate, "alpha": alpha, "momentum": momentum, "eps": eps}
    agree("RMSprop", {**options, "weight_decay": decay}, seed)


@some
@given(
    rate=rates,
    slowing=st.sampled_from([0.0, 0.01, 0.5]),
    eps=st.sampled_from([1e-10, 1e-3]),
    decay=decays,
    seed=seeds,
)
def test_adagrad_is_torchs(rate, slowing, eps, decay, seed):
    agree("Adagrad", {"lr": rate, "lr_decay": slowing, "eps": eps, "weight_decay": decay}, seed)


def test_adagrad_begins_with_torchs_accumulator():
    agree("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.1}, 3)


@pytest.mark.parametrize("kind", ["Adam", "AdamW"])
@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(5))
def test_amsgrad_is_torchs(kind, decay, seed):
    agree(kind, {"lr": 0.1, "betas": (0.5, 0.6), "weight_decay": decay, "amsgrad": True}, seed)


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_adam_with_decoupled_decay_is_torchs(decay):
    agree("Adam", {"lr": 0.1, "weight_decay": decay, "decoupled_weight_decay": True}, 3)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("RMSprop", {"centered": True}),
        ("LBFGS", {}),
        ("Adamax", {}),
        ("NAdam", {}),
        ("unknown (Mine)", {}),
    ],
)
def test_a_rule_that_is_not_known_is_refused_by_name(kind, options):
    with pytest.raises(Untrainable, match="trials can follow"):
        update_rule(Optimizer(kind, ({"lr": 0.1, **options},)))


def test_groups_may_differ_in_their_rates_only():
    groups = ({"lr": 0.1, "momentum": 0.9}, {"lr": 0.5, "momentum": 0.9})
    assert update_rule(Optimizer("SGD", groups))[0] == 1
    with pytest.raises(Untrainable, match="differ in more than their learning rates"):
        update_rule(Optimizer("SGD", (groups[0], {**groups[1], "momentum": 0.5})))


def test_every_option_of_these_optimizers_is_known():
    """A new option of torch's, which no one here has heard of, must not be passed over in silence."""
    known = {
        "SGD": {"momentum", "dampening", "weight_decay", "nesterov"},
        "Adam": {"betas", "eps", "weight_decay", "amsgrad", "decoupled_weight_decay"},
        "AdamW": {"betas", "eps", "weight_decay", "amsgrad", "decoupled_weight_decay"},
        "RMSprop": {"momentum", "alpha", "eps", "centered", "weight_decay"},
        "Adagrad": {"lr_decay", "eps", "weight_decay", "initial_accumulator_value"},
    }
    of_torch = {"lr", "foreach", "fused", "capturable", "differentiable", "maximize", "params"}
    for kind, options in known.items():
        weights = torch.zeros(1, requires_grad=True)
        (group,) = getattr(torch.optim, kind)([weights], lr=0.1).param_groups
        assert set(group) <= options | of_torch, kind


def test_the_optimizers_of_a_setup_are_plain_data():
    assert dataclasses.asdict(Optimizer("SGD", ({"lr": 0.1},)))["by_hand"] is False


def like_scikit_learn(made, kind, options, rates):
    """The weights after each update, by scikit-learn's optimizer and by ours; rates: one a step."""
    generator = np.random.default_rng(3)
    start = generator.normal(size=WEIGHTS)
    gradients = [generator.normal(size=WEIGHTS) * 10.0**-n for n in range(0, 2 * len(rates), 2)]
    kept, update = update_rule(Optimizer(kind, (options,)))
    flat = torch.from_numpy(start.copy())[None]
    state = tuple(torch.zeros_like(flat) for _ in range(kept))
    theirs = [start.copy()]
    for t, (gradient, rate) in enumerate(zip(gradients, rates, strict=True), start=1):
        made.learning_rate = rate
        made.update_params(theirs, [gradient])
        own = torch.full((1, 1), rate, dtype=torch.float64)
        now = torch.tensor(float(t), dtype=torch.float64)
        flat, state = update(flat, torch.from_numpy(gradient)[None], state, own, now)
        np.testing.assert_allclose(flat[0].numpy(), theirs[0], rtol=1e-9, atol=1e-15)


def test_an_adam_with_its_epsilon_before_the_correction_is_that_of_scikit_learn():
    made = AdamOptimizer([np.zeros(WEIGHTS)], learning_rate_init=0.01)
    options = {"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-8, "eps_before_correction": True}
    like_scikit_learn(made, "Adam", options, [0.01] * 6)


@pytest.mark.parametrize("nesterov", [False, True])
def test_a_velocity_that_holds_its_rate_is_that_of_scikit_learn(nesterov):
    made = SGDOptimizer([np.zeros(WEIGHTS)], momentum=0.9, nesterov=nesterov)
    options = {"lr": 0.1, "momentum": 0.9, "nesterov": nesterov, "rate_in_velocity": True}
    like_scikit_learn(made, "SGD", options, [0.1, 0.1, 0.02, 0.02, 0.5, 0.01])
