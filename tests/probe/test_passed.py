"""The share of the gradient that arrives at each hidden layer, against the chain rule by hand."""

import numpy as np
import pytest
from probe_setups import drawn, network, recording

from unstuck.probe import passed
from unstuck.probe.subject import subject

DATA = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
AIMS = DATA[:, :1] * DATA[:, 1:2]


def kept(setup):
    return passed.measure(subject(setup), recording(setup))["gradient_kept"]


def by_hand(weights):
    """Norms of the gradient in front of each activation, last layer first, for sigmoids and squares."""
    here, posts = DATA.astype(float), []
    for w, b in weights[:-1]:
        here = 1 / (1 + np.exp(-(here @ w.T + b)))
        posts.append(here)
    back = here @ weights[-1][0].T + weights[-1][1] - AIMS
    norms = [np.linalg.norm(back)]
    for (w, _), post in zip(weights[:0:-1], posts[::-1], strict=True):
        back = (back @ w) * post * (1 - post)
        norms.append(np.linalg.norm(back))
    return norms


def test_the_shares_are_those_of_the_chain_rule():
    weights = drawn((3, 8, 6, 5, 1))
    found = kept(network(DATA, AIMS, weights, activations=["torch.sigmoid"] * 3))
    last, *norms = by_hand(weights)
    assert found.sites == ("0", "1", "2")
    for site, norm in zip(found.sites, norms[::-1], strict=True):
        assert found.at(site) == pytest.approx(norm / last, rel=1e-4)


def test_three_sigmoids_let_less_through_than_three_tanhs():
    weights = drawn((3, 8, 6, 5, 1))
    squashed, level = (
        kept(network(DATA, AIMS, weights, activations=[f"torch.{name}"] * 3)).at("0")
        for name in ("sigmoid", "tanh")
    )
    assert squashed < level / 20


def test_a_layer_that_is_off_gets_none():
    weights = [(np.ones((4, 3)), np.full(4, -99.0)), (np.ones((1, 4)), np.zeros(1))]
    assert kept(network(DATA, AIMS, weights, activations=["torch.relu"])).at("0") == 0


def test_without_hidden_layers_there_is_nothing_to_follow():
    assert kept(network(DATA, AIMS, drawn((3, 1)))).startswith("does not apply")


def test_a_loss_without_a_gradient_is_said():
    weights = [(w * 0, b * 0) for w, b in drawn((3, 4, 1))]
    setup = network(DATA, AIMS * 0, weights, activations=["torch.tanh"])
    assert kept(setup) == "the loss has no gradient at the network's output"
