"""The playground's arithmetic is torch's: the same rows and weights, trained in Chromium and here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from browser import launched
from torch import nn

from unstuck.casebook import case

ROOT = Path(__file__).parents[2]
NETWORK = ROOT / "website" / "pages" / "assets" / "network.js"
STEPS = 60
AGREE = 1e-9  # relative, as the page says: nine digits

TRAINED = """(change) => {
  const state = {...Playground.preset(change.case, change.which || "sick"), ...change};
  const training = new Playground.Training(state);
  const weights = training.net.map(l => ({from: l.from, to: l.to, W: [...l.W], b: [...l.b]}));
  for (let step = 0; step < change.count; step++) training.update();
  return {state, weights, rows: training.rows, losses: training.curve,
          rungs: Playground.ladder(training.rows), verdict: Playground.verdict(training, Playground.ladder(training.rows))};
}"""


@pytest.fixture(scope="module")
def trained() -> Iterator[Any]:
    """Trains in the browser, and returns the weights before, the losses after, and the rows."""
    for browser in launched():
        page = browser.new_page()
        page.add_script_tag(content=NETWORK.read_text(encoding="utf-8"))

        def made(count: int = STEPS, *, page: Any = page, **change: Any) -> dict[str, Any]:
            found: dict[str, Any] = page.evaluate(TRAINED, {**change, "count": count})
            return found

        yield made
        page.close()


ACTS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "elu": nn.ELU,
    "none": nn.Identity,
}


def network(made: dict[str, Any]) -> nn.Sequential:
    """The same network in torch, with the weights that it had at the start."""
    parts: list[nn.Module] = []
    for layer in made["weights"]:
        linear = nn.Linear(layer["from"], layer["to"], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(
                torch.tensor(layer["W"], dtype=torch.float64).reshape(layer["to"], layer["from"])
            )
            linear.bias.copy_(torch.tensor(layer["b"], dtype=torch.float64))
        parts += [linear, ACTS[made["state"]["act"]]()]
    parts[-1] = nn.Sigmoid() if made["rows"]["loss"] == "bce" else nn.Identity()
    return nn.Sequential(*parts)


def optimizer(made: dict[str, Any], net: nn.Module) -> torch.optim.Optimizer:
    kind, rate = made["state"]["opt"], made["state"]["lr"]
    if kind == "adam":
        return torch.optim.Adam(net.parameters(), lr=rate)
    return torch.optim.SGD(net.parameters(), lr=rate, momentum=0.0 if kind == "sgd" else 0.9)


def losses(made: dict[str, Any]) -> list[float]:
    """What torch prints, step by step."""
    X = torch.tensor(made["rows"]["X"], dtype=torch.float64)
    y = torch.tensor(made["rows"]["y"], dtype=torch.float64).unsqueeze(1)
    net = network(made)
    criterion = nn.BCELoss() if made["rows"]["loss"] == "bce" else nn.MSELoss()
    opt, told = optimizer(made, net), []
    for _ in made["losses"]:
        if made["state"]["opt"] == "recreated":
            opt = optimizer(made, net)
        if made["state"]["zero"]:
            opt.zero_grad()
        loss = criterion(net(X), y)
        loss.backward()
        opt.step()
        told.append(loss.item())
    return told


@pytest.mark.parametrize(
    "change",
    [
        {"case": "xnor", "lr": 0.1},
        {"case": "xnor", "which": "cure", "act": "elu", "seed": 5},
        {"case": "heart-rate"},
        {"case": "heart-rate", "which": "cure", "act": "tanh"},
        {"case": "ages", "opt": "momentum"},
        {"case": "twenty-points", "width": 40},
        {"case": "squares", "zero": 0},
        {"case": "squares", "which": "cure", "act": "sigmoid", "opt": "sgd"},
        {"case": "quartic", "which": "cure", "width": 12},
    ],
    ids=lambda one: "-".join(map(str, one.values())),
)
def test_losses_agree_with_torchs_to_nine_digits(change: dict[str, Any], trained: Any) -> None:
    made = trained(**change)
    assert len(made["losses"]) == STEPS
    assert made["losses"][0] != made["losses"][-1]
    assert made["losses"] == pytest.approx(losses(made), rel=AGREE)


def test_a_sigmoid_that_reaches_one_stops_there_as_torchs_does(trained: Any) -> None:
    made = trained(case="xnor", lr=500.0, zero=1)
    assert max(made["losses"]) > 20
    assert made["losses"] == pytest.approx(losses(made), rel=AGREE)


def test_the_rows_of_xnor_are_those_of_the_case(trained: Any) -> None:
    names: dict[str, Any] = {}
    lines = case("xnor").script.read_text(encoding="utf-8").partition("class XNOR")[0]
    exec(lines, names)
    made = trained(case="xnor")["rows"]
    assert np.allclose(made["X"], names["X"].numpy(), atol=1e-6)
    assert made["y"] == names["y"].flatten().tolist()


def test_the_twenty_points_are_those_of_the_case(trained: Any) -> None:
    script = case("twenty-points").script.read_text(encoding="utf-8")
    labels = trained(case="twenty-points")["rows"]["y"]
    assert len(labels) == 20
    assert all(f"{label:.3f}" in script for label in labels)


def test_each_case_begins_as_it_was_posted(trained: Any) -> None:
    for name, words in {
        "xnor": ("nn.Linear(2, 2)", "lr=0.01", "range(10)"),
        "heart-rate": ("nn.Linear(1, 4)", "lr=0.001", "range(10000)"),
    }.items():
        script = case(name).script.read_text(encoding="utf-8")
        state = trained(case=name, count=1)["state"]
        assert all(word in script for word in words)
        assert f"{state['lr']:g}" in words[1]
        assert f"range({state['steps']})" == words[2]


@pytest.mark.parametrize("name", ["heart-rate", "squares", "quartic", "twenty-points"])
def test_the_rungs_are_those_of_the_best_constant_and_the_best_line(
    name: str, trained: Any
) -> None:
    made = trained(case=name, which="cure", count=1)
    rows, rungs = made["rows"], made["rungs"]
    X, y = np.array(rows["X"]), np.array(rows["y"])
    share = y.mean()
    if rows["loss"] == "bce":
        constant = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    else:
        constant = y.var()
        Z = np.column_stack([np.ones(len(X)), X])
        best = ((Z @ np.linalg.lstsq(Z, y, rcond=None)[0] - y) ** 2).mean()
        assert rungs["linear"] == pytest.approx(best, rel=1e-3, abs=1e-5)
    assert rungs["constant"] == pytest.approx(constant, rel=1e-6)
    assert rungs["floor"] == 0
    assert rungs["goal"] == pytest.approx(0.1 * rungs["constant"])


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"case": "xnor", "count": 10}, "stuck"),
        ({"case": "xnor", "which": "cure", "count": 1000}, "learned"),
        ({"case": "xnor", "count": 9}, "training"),
        ({"case": "squares", "lr": 1e3, "opt": "sgd", "count": 20}, "diverged"),
        ({"case": "ages", "which": "cure", "count": 1000}, "floor"),
    ],
)
def test_the_verdict_goes_with_the_run(change: dict[str, Any], verdict: str, trained: Any) -> None:
    assert trained(**change)["verdict"] == verdict
