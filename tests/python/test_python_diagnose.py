"""`unstuck.diagnose`: nothing of the user's is touched, what cannot be used is refused in a sentence."""

from __future__ import annotations

import copy
import random

import numpy as np
import pytest
import torch
from torch import nn

import unstuck
from unstuck.python import fresh
from unstuck.python.torch.training import LOOPS, recorded
from unstuck.trial.reproduce import differs

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


class Net(nn.Module):
    """A network with a layer that draws, one that normalises, and one that is frozen."""

    def __init__(self, outputs: int = 2) -> None:
        super().__init__()
        self.first = nn.Linear(3, 8)
        self.norm = nn.BatchNorm1d(8)
        self.drop = nn.Dropout(0.2)
        self.last = nn.Linear(8, outputs)
        self.first.bias.requires_grad_(False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.drop(torch.relu(self.norm(self.first(x)))))


SETTINGS = {
    "loss": None,
    "optimizer": None,
    "metric": None,
    "epochs": 3,
    "batch_size": 16,
    "random_state": 0,
}


def record(model, inputs=X, targets=Y, **settings):
    return recorded(model, inputs, targets, **{**SETTINGS, **settings})


def plain() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


def bits(value):
    """Everything in a state as bytes, to be compared bit for bit."""
    if isinstance(value, torch.Tensor):
        return value.detach().numpy().tobytes()
    if isinstance(value, dict):
        return {key: bits(inner) for key, inner in value.items()}
    return [bits(inner) for inner in value] if isinstance(value, list | tuple) else value


def test_the_model_the_optimizer_and_all_random_states_stay_bit_for_bit():
    torch.manual_seed(3)
    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model(torch.tensor(X).float()).sum().backward()
    optimizer.step()
    model.norm.eval()

    def state():
        return (
            bits(model.state_dict()),
            bits(optimizer.state_dict()),
            [None if p.grad is None else bits(p.grad) for p in model.parameters()],
            [p.requires_grad for p in model.parameters()],
            [part.training for part in model.modules()],
            bits(torch.get_rng_state()),
            np.random.get_state()[1].tobytes(),
            random.getstate(),
            torch.get_num_threads(),
            torch.is_grad_enabled(),
        )

    before = copy.deepcopy(state())
    record(model, optimizer=optimizer, metric=lambda out, y: (out.argmax(1) == y).float().mean())
    assert state() == before


def test_the_training_that_is_recorded_can_be_repeated():
    found, _ = record(plain())
    assert found.setup is not None and found.setup.plan.steps == 12
    assert found.setup.data.count == 60
    assert differs(found) is None


def test_no_line_of_the_loop_is_taken_for_the_users():
    found, _ = record(plain())
    assert found.lines == {}
    assert all(not op.line for op in found.setup.program.ops)


def test_lines_of_the_users_own_model_are_kept():
    found, _ = record(Net())
    assert {op.file for op in found.setup.program.ops if op.line} == {__file__}


def test_rules_about_a_loop_say_that_they_have_not_seen_it():
    found, _ = record(plain())
    assert all("watch" in found.gaps[name] for name in LOOPS)
    assert "metric" in found.gaps["metric-bug"]


def test_a_metric_is_called_and_what_it_compares_is_seen():
    found, _ = record(plain(), metric=lambda out, y: (out.argmax(1) == y).float().mean())
    assert "metric-bug" not in found.gaps
    assert found.comparisons


@pytest.mark.parametrize(
    ("model", "targets", "loss"),
    [
        (plain(), Y, "cross_entropy"),
        (nn.Linear(3, 1), Y.astype(bool), "bce_logits"),
        (nn.Sequential(nn.Linear(3, 1), nn.Sigmoid()), Y, "bce"),
        (nn.Linear(3, 1), X[:, 0], "mse"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_loss_that_is_not_given_is_chosen_and_said(model, targets, loss):
    _, taken = record(model, targets=targets)
    assert taken[0].startswith(f"no loss was given: {loss} was chosen")
    assert "Adam" in taken[1]


def test_a_loss_of_torch_is_called_as_a_loop_calls_it():
    with pytest.warns(UserWarning, match="target size"):
        found, _ = record(nn.Linear(3, 1), targets=X[:, 0], loss=nn.MSELoss())
    assert "loss" not in found.gaps
    assert found.setup.data.rows[found.setup.program.targets[0]].shape == (60,)


class Table:
    """A table of another library: numpy asks it for its numbers."""

    def __init__(self, numbers: np.ndarray) -> None:
        self.numbers = numbers

    def __array__(self, dtype=None, copy=None):
        return self.numbers if dtype is None else self.numbers.astype(dtype)


@pytest.mark.parametrize(
    "given", [X, torch.tensor(X), X.tolist(), Table(X)], ids=["numpy", "torch", "list", "table"]
)
def test_rows_come_as_arrays_tensors_lists_or_tables(given):
    found, _ = record(plain(), given)
    rows = found.setup.data.rows[found.setup.program.inputs[0]]
    assert sorted(rows[:, 0]) == pytest.approx(sorted(X[:, 0]), rel=1e-5)


BAD = {
    "no rows": ({"X": X[:0], "y": Y[:0]}, "X has no rows"),
    "unlike lengths": ({"y": Y[:5]}, "X has 60 rows and y has 5"),
    "no numbers": ({"X": np.where(X > 1, np.nan, X)}, "NaN"),
    "words": ({"y": ["a"] * 60}, "y holds"),
    "a loss of no name": ({"loss": "msee"}, "loss='msee' is not known"),
    "unlike widths": ({"X": X[:, :2]}, "the model does not take X of shape (60, 2)"),
    "a class too many": ({"y": Y + 1, "loss": "cross_entropy"}, "number the classes 0 to 1"),
    "a loss that refuses": (
        {"loss": nn.MSELoss()},
        "the loss does not take outputs of shape (60, 2)",
    ),
    "an optimizer of no name": ({"optimizer": "sgdd"}, "optimizer='sgdd' is none"),
    "no epochs": ({"epochs": 0}, "epochs=0"),
    "a budget of words": ({"budget": "soon"}, "budget='soon' is no time"),
    "no model": ({"model": "net"}, "model is a str"),
    "no parameters": ({"model": nn.ReLU()}, "no parameters"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_refused_in_one_sentence(case):
    given, said = BAD[case]
    given = {"model": plain(), "X": X, "y": Y, **given}
    with pytest.raises(unstuck.Undiagnosable) as refused:
        unstuck.diagnose(given.pop("model"), given.pop("X"), given.pop("y"), **given)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_diagnosis_in_a_process_of_its_own_is_handed_back_whole():
    rows = np.linspace(-1, 1, 12)[:, None]
    diagnosis = unstuck.diagnose(
        nn.Linear(1, 1), rows, 2 * rows, epochs=40, optimizer=lambda p: torch.optim.SGD(p, lr=0.1)
    )
    assert diagnosis.verdict == "learned"
    assert diagnosis.loss.steps == 40
    assert (diagnosis.run_folder, diagnosis.script) == ("", "")
    assert any(gap.name == "missing-zero-grad" for gap in diagnosis.not_run)
    assert diagnosis.taken == ("no loss was given: mse was chosen, since targets are values",)
    assert "No loss was given: mse was chosen" in str(diagnosis)


def test_where_the_process_fails_the_last_words_of_it_are_told(monkeypatch, tmp_path):
    found, _ = record(plain())
    monkeypatch.setattr(fresh, "PACKAGE", tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "unstuck").mkdir()
    (tmp_path / "unstuck" / "__init__.py").write_text("raise SystemError('no luck')")
    with pytest.raises(RuntimeError, match="a fault of unstuck's: SystemError: no luck"):
        fresh.diagnosed(found, fresh.Options())
