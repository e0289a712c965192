"""Laws that hold for every script: it is put together from parts as people write them, and run."""

import contextlib
import io
import itertools

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from patching import as_git_does, where

from unstuck.core.edits import (
    ClearGradients,
    InsertActivation,
    MatchShapes,
    MoveClear,
    ReplaceActivation,
    Resize,
    ScaleInputs,
    SetArgument,
    SetSeed,
    SetSteps,
    UseLogits,
)
from unstuck.core.recording import Where
from unstuck.patch import Unpatchable, encoded, write
from unstuck.patch.atomic import _made_for
from unstuck.patch.rewrite import OWN_FAULT

RATE = {
    "literal": ("", "0.01"),
    "constant": ("LR = 1e-2", "LR"),
    "dict": ('cfg = {"lr": .01, "momentum": 0.9}', 'cfg["lr"]'),
    "dataclass": (
        "import dataclasses\n@dataclasses.dataclass\nclass Config:\n    lr: float = 0.01\ncfg = Config()",
        "cfg.lr",
    ),
    "options": (
        "import argparse\np = argparse.ArgumentParser()\n"
        'p.add_argument("--lr", type=float, default=0.01)\nargs = p.parse_args([])',
        "args.lr",
    ),
    "expression": ("base = 0.001\nrate = base * 10", "rate"),
}

NETWORK = {
    "sequential": "net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))",
    "lines": "net = nn.Sequential(\n    nn.Linear(2, 3),  # in\n    nn.Tanh(),\n    nn.Linear(3, 1),\n)",
    "class": (
        "class Net(nn.Module):\n    def __init__(self, hidden=3):\n        super().__init__()\n"
        "        self.a = nn.Linear(2, hidden)\n        self.b = nn.Linear(hidden, 1)\n\n"
        "    def forward(self, x):\n        return self.b(torch.tanh(self.a(x)))\n\nnet = Net()"
    ),
    "loop": (
        "sizes = [2, 3, 1]\nlayers = []\nfor i in range(2):\n"
        "    layers += [nn.Linear(sizes[i], sizes[i + 1]), nn.Tanh()]\nnet = nn.Sequential(*layers[:-1])"
    ),
    "function": (
        "def mlp(d, h):\n    return nn.Sequential(nn.Linear(d, h), nn.Tanh(), nn.Linear(h, 1))\n\nnet = mlp(2, 3)"
    ),
}

LOOP = {
    "range": (
        "for epoch in range(4):\n    pred = net(X)\n    loss = ((pred - y) ** 2).mean()\n"
        "    loss.backward()\n    opt.step()\n    steps += 1"
    ),
    "semicolons": (
        "N = 4\nfor e in range(1, N + 1):\n    pred = net(X); loss = ((pred - y) ** 2).mean()\n"
        "    loss.backward(); opt.step(); steps += 1"
    ),
    "while": (
        "while steps < 4:\n    loss = torch.nn.functional.mse_loss(\n        net(X),\n        y)\n"
        "    # and back\n    loss.backward()\n    opt.step()\n    steps += 1"
    ),
    "function": (
        "def train(x, y, epochs):\n    global steps\n    for e in range(epochs):\n"
        "        loss = ((net(x) - y) ** 2).mean()\n        loss.backward()\n        opt.step()\n"
        "        steps += 1\n\ntrain(X, y, epochs=4)"
    ),
    "batches": (
        "for epoch in range(4):\n    for i in range(0, 8, 8):\n        xb, yb = X[i:i + 8], y[i:i + 8]\n"
        "        loss = ((net(xb) - yb) ** 2).mean()\n        loss.backward()\n        opt.step()\n"
        "        steps += 1"
    ),
    "loader": (
        "data = torch.utils.data.TensorDataset(X, y)\nloader = torch.utils.data.DataLoader(data, 8)\n"
        "for epoch in range(4):\n    for xb, yb in loader:\n"
        "        loss = ((net(xb) - yb) ** 2).mean()\n        loss.backward()\n        opt.step()\n"
        "        steps += 1"
    ),
}

NOISE = ("# größer als β", "", 's = """a\n  b\n"""', "assert True  # \t", "print('é', end='')")


@st.composite
def scripts(draw: st.DrawFn) -> str:
    """Draw a script: its rate, network and loop each written in one of several ways, noise between."""
    before, rate = RATE[draw(st.sampled_from(sorted(RATE)))]
    parts = [
        "import torch\nfrom torch import nn",
        before,
        "X = torch.arange(16.0).reshape(8, 2) * 3 + 40\ny = (X[:, :1] > 50).float()",
        NETWORK[draw(st.sampled_from(sorted(NETWORK)))],
        f"opt = torch.optim.SGD(net.parameters(), lr={rate})",
        "steps = 0",
        LOOP[draw(st.sampled_from(sorted(LOOP)))],
        "out = net(X)\nother = net(torch.tensor([[40.0, 43.0]]))",
    ]
    noise = [draw(st.sampled_from(NOISE)) for _ in parts]
    text = "\n".join(itertools.chain.from_iterable(zip(noise, parts, strict=True)))
    if draw(st.booleans()):
        text = text.replace("    ", "\t")
    text += draw(st.sampled_from(["", "\n", "\n\n"]))
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def edits(text: str):
    first = where(text, "nn.Linear(")
    second = where(text, "nn.Linear(", nth=-1)
    return [
        SetArgument(where(text, "SGD("), "SGD", "lr", 1, 0.05, 0.01),
        SetSteps(where(text, "opt.step"), 2.2),
        ClearGradients(where(text, ".backward"), where(text, "opt.step")),
        ScaleInputs(where(text, "net("), (60.0, 61.0), (13.7, 13.7)),
        Resize(first, "Linear", (2, 2), (3, 6)),
        Resize(second, "Linear", (3, 6), (1, 1)),
    ]


def patched(text: str):
    data = text.encode()
    return data, write(edits(text), read={"train.py": data}.__getitem__)


def run(text: str) -> dict[str, object]:
    """Run a script in memory."""
    torch.set_num_threads(1)
    names: dict[str, object] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, "train.py", "exec"), names)
    return names


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scripts())
def test_the_patched_script_does_what_every_edit_asks(text):
    names = run(patched(text)[1].files["train.py"])
    assert names["opt"].param_groups[0]["lr"] == 0.05
    assert names["steps"] == 10
    sizes = [(m.in_features, m.out_features) for m in names["net"].modules() if hasattr(m, "bias")]
    assert sizes == [(2, 6), (6, 1)]
    assert torch.allclose(names["X"].mean(0), torch.zeros(2), atol=1e-6)
    assert torch.allclose(names["X"].std(0), torch.ones(2))
    assert torch.allclose(names["out"][0], names["other"][0], atol=1e-6)
    assert set(names["y"].flatten().tolist()) == {0.0, 1.0}


@settings(max_examples=15, deadline=None)
@given(scripts())
def test_lines_that_no_edit_touches_keep_their_bytes(text):
    _, patch = patched(text)
    kept = [line[1:] for line in patch.diff.split("\n") if line.startswith(" ")]
    gone = [line for line in patch.diff.split("\n") if line.startswith("-")]
    before, after = text.split("\n"), patch.files["train.py"].split("\n")
    assert len(gone) - 1 <= 7
    assert all(line in before and line in after for line in kept)
    assert sum(line in after for line in before) >= len(before) - 7


@settings(max_examples=15, deadline=None)
@given(scripts())
def test_the_diff_leads_from_the_old_text_to_the_new(text):
    _, patch = patched(text)
    assert _made_for(text, patch.files["train.py"], patch.diff)


@pytest.mark.parametrize("loop", sorted(LOOP))
def test_git_takes_the_diff_of_all_edits_at_once(loop, tmp_path):
    text = "\r\n".join(
        [
            "import torch\r\nfrom torch import nn\r\nX, y = load()  # é",
            NETWORK["lines"],
            "opt = torch.optim.SGD(net.parameters(), lr=0.01)\r\nsteps = 0",
            LOOP[loop],
        ]
    )
    data, patch = patched(text)
    made = as_git_does(tmp_path, {"train.py": data}, encoded(patch))
    assert made["train.py"].decode() == patch.files["train.py"]


@st.composite
def anywhere(draw: st.DrawFn) -> tuple[str, list[object]]:
    """Draw a script, and an edit of any kind for lines that may hold anything."""
    text = draw(scripts())
    lines = st.integers(1, text.count("\n") + 1)

    def line() -> Where:
        return Where("train.py", draw(lines))

    kind = draw(st.integers(0, 10))
    edits = (
        lambda: ClearGradients(line(), draw(st.sampled_from([None, line()]))),
        lambda: MoveClear(line(), line()),
        lambda: SetArgument(line(), "SGD", "lr", 1, 0.1, 0.01),
        lambda: SetSteps(line(), 3),
        lambda: ScaleInputs(line(), (1.0, 2.0), (1.0, 0.0)),
        lambda: InsertActivation((line(),), (line(),), ("0",), "relu"),
        lambda: ReplaceActivation((line(),), "tanh", "relu"),
        lambda: MatchShapes(line(), (8, 1), (8,)),
        lambda: UseLogits(line(), line(), line()),
        lambda: Resize(line(), "Linear", (2, 2), (3, 9)),
        lambda: SetSeed(line(), 3),
    )
    return text, [edits[kind]()]


@settings(max_examples=150, deadline=None)
@given(anywhere())
def test_an_edit_of_a_wrong_line_gives_a_sentence_or_valid_source(drawn):
    text, wrong = drawn
    try:
        patch = write(wrong, read={"train.py": text.encode()}.__getitem__)
    except Unpatchable as reason:
        assert OWN_FAULT not in str(reason)
    else:
        compile("".join(patch.files.values()), "train.py", "exec")
