"""Chunks of networks do what each network does in a plain PyTorch loop."""

import dataclasses
import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from unstuck.lab.engine import graph, layouts
from unstuck.lab.engine.chain import chain
from unstuck.lab.engine.chunk import Work
from unstuck.lab.engine.starts import starts
from unstuck.lab.engine.train import train
from unstuck.lab.study.posed import posed
from unstuck.lab.study.rows import rows
from unstuck.lab.study.settings import usual

XNOR = rows({"name": "xnor"}, Path())
SHARES = {"network.output": "sigmoid", "training.loss": "bce"}


def setup_of(task=XNOR, judged=None, **given):
    named = {key.replace("__", "."): value for key, value in given.items()}
    return posed({**usual(), **SHARES, "training.steps": 12, **named}, task, judged=judged)


def alone(setup, member):
    """Final loss of one network, trained as a script would train it."""
    flat = torch.from_numpy(starts(setup, member, 1, 0)[0])
    parts = flat.split([p.start.size for p in setup.parameters])
    made = [
        part.reshape(p.start.shape).clone().requires_grad_()
        for part, p in zip(parts, setup.parameters, strict=True)
    ]
    x, y = (torch.from_numpy(rows_) for rows_ in setup.data.rows.values())
    names = [op.short for op in setup.program.ops]
    optimizer = getattr(torch.optim, setup.optimizer.kind)(made, **setup.optimizer.groups[0])

    def predict():
        here, used = x, iter(made)
        for name in names:
            if name == "linear":
                here = functional.linear(here, next(used), next(used))
            elif hasattr(torch, name) and name in {"sigmoid", "tanh", "relu"}:
                here = getattr(torch, name)(here)
            elif name in {"elu", "leaky_relu"}:
                here = getattr(functional, name)(here)
        return here

    losses = [name for name in names if "entropy" in name or name == "mse_loss"]
    for _ in range(setup.plan.steps):
        if setup.loop.clears == "before":
            optimizer.zero_grad()
        getattr(functional, losses[0])(predict(), y).backward()
        optimizer.step()
    return float(getattr(functional, losses[-1])(predict(), y).detach())


CASES = {
    "sgd": {},
    "never cleared": {"training__clears": False},
    "momentum": {"optimizer__momentum": 0.9},
    "adam": {"optimizer__kind": "adam", "optimizer__rate": 0.05},
    "adamw with decay": {"optimizer__kind": "adamw", "optimizer__decay": 0.1},
    "rmsprop": {"optimizer__kind": "rmsprop", "optimizer__rate": 0.01},
    "squares, judged by shares": {"training__loss": "mse", "judged": "bce"},
    "logits": {"training__loss": "bce_logits", "network__output": "none"},
    "elu": {"network__activation": "elu"},
    "tanh": {"network__activation": "tanh", "network__init": "xavier_normal"},
    "sigmoid": {"network__activation": "sigmoid", "network__init": "he_uniform"},
    "leaky": {"network__activation": "leaky_relu"},
    "no hidden layer": {"network__widths": []},
    "wide": {"network__widths": [40, 30]},
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("layout", [layouts.First, layouts.Last])
def test_a_member_ends_where_it_would_have_ended_alone(name, layout, monkeypatch) -> None:
    setup = setup_of(**CASES[name])
    plan = layouts.Plan(layout(), 4)
    monkeypatch.setattr("unstuck.lab.engine.stacked.layout", lambda *_: plan)
    assert chain(setup) is not None
    made = train(Work("k", setup, 3, 6, 0.05))
    expected = [alone(setup, member) for member in (3, 8)]
    assert made.losses[[0, 5]] == pytest.approx(expected, rel=2e-4)


def test_the_graph_of_the_trials_ends_at_the_same_loss() -> None:
    setup = dataclasses.replace(setup_of(), start="recorded")
    fixed = [
        dataclasses.replace(p, start=np.full(p.start.shape, 0.3 + 0.1 * p.slot, np.float32))
        for p in setup.parameters
    ]
    setup = dataclasses.replace(setup, parameters=tuple(fixed))
    work = Work("k", setup, 0, 2, 0.05)
    assert train(work).losses == pytest.approx(graph.train(work)[0], rel=1e-4)


def test_what_is_no_chain_is_trained_by_the_graph() -> None:
    setup = setup_of(network__activation="gelu")
    assert chain(setup) is None
    made = train(Work("k", setup, 0, 8, 0.05))
    assert made.losses.shape == made.hits.shape == (8,)
    assert 0.4 < float(np.median(made.losses)) < 1.0


def test_batches_go_over_all_rows() -> None:
    task = rows({"name": "heart-rate", "rows": 64}, Path())
    given = {"data__inputs": "standardised", "network__widths": [4], "training__batch": 16}
    setup = setup_of(
        task, training__steps=400, optimizer__kind="adam", optimizer__rate=0.05, **given
    )
    made = train(Work("k", setup, 0, 20, 0.2))
    assert made.learned == 20


def test_a_network_starts_the_same_in_whatever_chunk() -> None:
    setup = setup_of(network__init="he_normal")
    whole = starts(setup, 0, 50, 7)
    assert np.array_equal(whole[13:37], starts(setup, 13, 24, 7))
    assert not np.array_equal(whole[:5], starts(setup, 0, 5, 8)[:5])


def test_starts_are_spread_as_torch_spreads_them() -> None:
    setup = setup_of(network__widths=[50])
    drawn = starts(setup, 0, 200, 0)[:, : 4 * 50]
    assert abs(drawn).max() <= 0.5  # 1 / sqrt(4 inputs)
    assert drawn.std() == pytest.approx(0.5 / np.sqrt(3), rel=0.02)


def test_a_network_that_diverges_has_not_learned() -> None:
    setup = setup_of(training__loss="mse", network__output="none", optimizer__rate=1e6)
    made = train(Work("k", setup, 0, 10, 0.05))
    assert made.learned == 0
    assert not np.isfinite(made.losses).all()


def test_who_learned_is_known_with_the_update_at_which_it_did() -> None:
    setup = setup_of(training__steps=400, network__widths=[8, 8], optimizer__rate=0.5)
    made = train(Work("k", setup, 0, 30, 0.05))
    assert ((made.hits >= 0) == (made.losses <= 0.05)).all()
    assert 5 < np.median(made.hits[made.hits >= 0]) < 400


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", ["never cleared", "adam"])
def test_jax_ends_where_torch_ends(name) -> None:
    setup = setup_of(**CASES[name])
    mine, theirs = (train(Work("k", setup, 2, 70, 0.5, engine=e)) for e in ("stacked", "jax"))
    assert theirs.losses == pytest.approx(mine.losses, rel=1e-3)
    assert np.array_equal(mine.hits, theirs.hits)
