"""`unstuck.watch` records a loop in the user's own process, and leaves everything as it is without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import make_moons
from sklearn.neural_network import MLPClassifier
from torch import nn

import unstuck
from unstuck.python import watch as watching
from unstuck.trial.reproduce import differs

X = torch.randn(20, 2, generator=torch.Generator().manual_seed(0))
Y = X.prod(1, keepdim=True)


@pytest.fixture
def handed(monkeypatch):
    """What is handed to the process that diagnoses, which is not started."""
    found = []

    def diagnosed(recording, options, taken=()):
        found.append(recording)
        return recording

    monkeypatch.setattr(watching, "diagnosed", diagnosed)
    return found


def train(steps=6):
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Dropout(0.1), nn.Linear(4, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(steps):
        loss = nn.functional.mse_loss(model(X), Y)
        loss.backward()  # the gradients are never cleared
        optimizer.step()
    return model


def state(model):
    return [
        p.detach().numpy().tobytes() for p in model.parameters()
    ], torch.get_rng_state().tolist()


def test_weights_and_random_states_are_those_without_it():
    alone = state(train())
    with unstuck.watch():
        watched = state(train())
    assert watched == alone


def test_what_torch_had_is_there_again_afterwards():
    before = torch.Tensor.backward, nn.Module.__init__, torch.optim.Optimizer.__init__
    with unstuck.watch():
        pass
    assert (torch.Tensor.backward, nn.Module.__init__, torch.optim.Optimizer.__init__) == before


def test_the_loop_is_recorded_with_the_users_own_lines(handed):
    with unstuck.watch() as w:
        train()
    found = w.diagnose()
    assert found is handed[0]
    assert found.setup.loop.clears == "never"
    code = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert "loss.backward()" in code[found.lines["backward"].line - 1]
    assert "SGD(" in code[found.lines["optimizer"].line - 1]


def test_it_may_be_asked_while_the_loop_goes_on(handed):
    with unstuck.watch() as w:
        train(4)
        soon = w.diagnose()
        train(9)
        late = w.diagnose()
    assert (soon.setup.plan.steps, late.setup.plan.steps) == (4, 9)


def test_what_happens_after_it_has_no_part(handed):
    with unstuck.watch() as w:
        model = train()
    end = [p.detach().clone() for p in model.parameters()]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    kept = [p.end for p in w.diagnose().setup.parameters]
    assert all(np.array_equal(a, b.numpy()) for a, b in zip(kept, end, strict=True))


def test_a_fit_of_scikit_learn_is_recorded_too(handed):
    rows, labels = make_moons(40, random_state=0)
    with unstuck.watch() as w:
        MLPClassifier((3,), max_iter=5, tol=1.0, n_iter_no_change=1, random_state=0).fit(
            rows, labels
        )
    found = w.diagnose()
    assert (found.framework, differs(found)) == ("sklearn", None)


def test_an_error_of_the_loop_passes(handed):
    with pytest.raises(ZeroDivisionError), unstuck.watch() as w:
        train()
        _ = 1 / 0
    assert w.diagnose().ended == "raised"


def test_where_nothing_was_trained_that_is_said():
    with unstuck.watch() as w:
        torch.ones(2).sum()
    with pytest.raises(unstuck.Undiagnosable, match="nothing was trained"):
        w.diagnose()


def test_one_at_a_time_can_watch():
    with unstuck.watch(), pytest.raises(unstuck.Undiagnosable, match="open already"):
        unstuck.watch().__enter__()
