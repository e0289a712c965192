"""How starting values are drawn: seen while a script makes them, and drawn again many times."""

import numpy as np
import pytest

from unstuck.trial.draw import starts

MEMBERS = 400

FIT = """
opt = torch.optim.SGD(parameters, lr=0.0)
for step in range(2):
    opt.zero_grad()
    loss = net(x).pow(2).mean()
    loss.backward()
    opt.step()
"""

LAYER = """\
import math
import torch
from torch import nn
x = torch.randn(10, 30)
net = nn.Linear(30, 20)
with torch.no_grad():
    CHANGE
parameters = list(net.parameters())
"""

INITIALISERS = {
    "torch's own": "pass",
    "uniform": "nn.init.uniform_(net.weight, -0.3, 0.1)",
    "uniform by keyword": "nn.init.uniform_(net.weight, a=-0.2, b=0.2)",
    "normal": "nn.init.normal_(net.weight, mean=0.1, std=0.3)",
    "truncated normal": "nn.init.trunc_normal_(net.weight, std=0.02)",
    "constant": "nn.init.constant_(net.weight, 0.2)",
    "zeros": "nn.init.zeros_(net.weight)",
    "ones": "nn.init.ones_(net.weight)",
    "xavier uniform": "nn.init.xavier_uniform_(net.weight)",
    "xavier uniform with a gain": "nn.init.xavier_uniform_(net.weight, gain=5 / 3)",
    "xavier normal": "nn.init.xavier_normal_(net.weight)",
    "kaiming uniform": "nn.init.kaiming_uniform_(net.weight, nonlinearity='relu')",
    "kaiming normal": "nn.init.kaiming_normal_(net.weight, nonlinearity='relu')",
    "kaiming normal by fan-out": "nn.init.kaiming_normal_(net.weight, mode='fan_out')",
    "orthogonal": "nn.init.orthogonal_(net.weight, gain=2.0)",
    "data filled": "net.weight.data.normal_(0.0, 0.05)",
    "data assigned": "net.weight.data = torch.randn(20, 30) * 0.2",
    "copied": "net.weight.copy_(torch.rand(20, 30) - 0.5)",
    "scaled": "net.weight.mul_(0.1)",
    "scaled, shifted": "net.weight.div_(2).add_(1.0)",
    "a new parameter": "net.weight = nn.Parameter((1 - 2 * -torch.rand(20, 30)) / 3)",
    "drawn by torch.normal": "net.weight = nn.Parameter(torch.normal(0.0, 0.4, size=(20, 30)))",
    "an empty tensor filled": "net.weight = nn.Parameter(torch.empty(20, 30).uniform_(-1, 1))",
    "a wanted gradient": "net.weight.requires_grad = True",
    "another precision": "net.bfloat16().float()",
}


def moments(many):
    return np.array([many.mean(), many.std(), many.min(), many.max()])


@pytest.mark.parametrize("name", INITIALISERS)
def test_drawing_again_gives_the_mean_the_spread_and_the_range_of_torch(watch, name):
    source = LAYER.replace("CHANGE", INITIALISERS[name])
    setup = watch(source + FIT).setup
    again = starts(setup, MEMBERS, seed=1)
    scope = {}
    exec(source + f"\nmany = [net.weight.detach()]\nfor _ in range({MEMBERS - 1}):\n"
         "    net = nn.Linear(30, 20)\n    with torch.no_grad():\n"
         f"        {INITIALISERS[name]}\n    many.append(net.weight.detach())\n"
         "many = torch.stack(many).double().numpy()", scope)  # fmt: skip
    weight, bias = setup.parameters
    assert (weight.name, bias.name) == ("weight", "bias")
    ours, theirs = again[weight.slot].double().numpy(), scope["many"]
    spread = max(float(theirs.std()), 1e-9)
    rounding = 2e-2 if name == "another precision" else 1e-6
    # standard errors of mean and spread over 240,000 draws: 0.002 and 0.0015 of the spread
    assert abs(ours.mean() - theirs.mean()) < 0.01 * spread + 1e-7
    assert ours.std() == pytest.approx(theirs.std(), rel=0.01, abs=1e-7)
    if "normal" not in name and name not in {"orthogonal", "data filled", "data assigned"}:
        assert ours.min() == pytest.approx(theirs.min(), abs=1e-3 * spread + rounding * spread)
        assert ours.max() == pytest.approx(theirs.max(), abs=1e-3 * spread + rounding * spread)


def test_orthogonal_starts_are_orthogonal(watch):
    source = LAYER.replace("CHANGE", INITIALISERS["orthogonal"])
    setup = watch(source + FIT).setup
    for start in starts(setup, 5, seed=0)[setup.parameters[0].slot].double().numpy():
        assert np.allclose(start @ start.T, 4 * np.eye(20), atol=1e-5)


NETWORK = """\
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(10, 30)
net = nn.Sequential(MODULES)
parameters = net.parameters()
"""


@pytest.mark.parametrize(
    ("modules", "name", "how"),
    [
        ("nn.Linear(30, 2)", "0.weight", ("fan_uniform", 30)),
        ("nn.Linear(30, 2)", "0.bias", ("fan_uniform", 30)),
        ("nn.Unflatten(1, (3, 10)), nn.Conv1d(3, 4, 5)", "1.weight", ("fan_uniform", 15)),
        ("nn.BatchNorm1d(30), nn.Linear(30, 2)", "0.weight", ("constant", 0)),
        ("nn.LayerNorm(30), nn.Linear(30, 2)", "0.bias", ("constant", 0)),
        ("nn.Linear(30, 2), nn.PReLU()", "1.weight", ("constant", 0)),
    ],
)
def test_layers_are_drawn_as_torch_draws_them(watch, modules, name, how):
    setup = watch(NETWORK.replace("MODULES", modules) + FIT).setup
    (parameter,) = [p for p in setup.parameters if p.name == name]
    assert [(draw.how, draw.fan) for draw in parameter.draws] == [how]


def test_a_bare_tensors_draws_are_followed_through_arithmetic(watch):
    source = """\
import torch
x = torch.randn(10, 3)
W = 0.5 * (torch.rand(3, 4) - 0.5)
W.requires_grad = True
for step in range(3):
    loss = (x @ W).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        W -= 0.1 * W.grad
        W.grad.zero_()
"""
    (parameter,) = watch(source).setup.parameters
    drawn = [(draw.how, draw.numbers) for draw in parameter.draws]
    assert drawn == [("uniform", (0.0, 1.0)), ("shift", (-0.5,)), ("scale", (0.5,))]


@pytest.mark.parametrize(
    "change",
    [
        "net.weight[0] = 0",
        "net.weight[0].normal_()",
        "net.weight.copy_(torch.from_numpy(__import__('numpy').ones((20, 30))))",
        "net.weight.clamp_(-0.1, 0.1)",
    ],
)
def test_what_is_not_understood_is_drawn_alike_and_said_to_be(watch, change):
    seen = watch(LAYER.replace("CHANGE", change) + FIT)
    assert seen.setup.parameters[0].draws[0].how in {"normal", "constant"}
    assert "was not seen" in seen.recording.gaps["draws"]


def test_memory_that_is_used_again_does_not_lend_its_draws(watch):
    """The second network lies where tensors lay that were drawn otherwise."""
    source = """\
import gc
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(16, 8)

def fit(net):
    opt = torch.optim.SGD(net.parameters(), lr=0.01)
    for step in range(30):
        opt.zero_grad()
        net(x).pow(2).mean().backward()
        opt.step()

first = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
for p in first.parameters():
    nn.init.normal_(p, 3.0, 0.1)
fit(first)
del first
gc.collect()
import numpy as np
second = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
for step in range(2):
    fit(second)
"""
    seen = watch(source)
    assert seen.recording.trainings == 2
    assert {draw.how for p in seen.setup.parameters for draw in p.draws} == {"fan_uniform"}


def lines(parameter):
    return parameter.made[1], [line for _, line in parameter.filled]


def test_the_lines_that_made_and_filled_a_parameter_are_known(watch):
    source = """\
import torch
from torch import nn

def init(module):
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0.0, 5.0)
        module.bias.data.fill_(0.3)

x = torch.randn(10, 30)
net = nn.Linear(30, 20)
net.apply(init)
net = net.double().float()
with torch.no_grad():
    net.weight *= 2
parameters = list(net.parameters())
"""
    weight, bias = watch(source + FIT).setup.parameters
    assert lines(weight) == (10, [6, 14])
    assert lines(bias) == (10, [7])


def test_a_layer_that_is_left_as_torch_draws_it_was_filled_by_no_line(watch):
    weight, bias = watch(LAYER.replace("CHANGE", "pass") + FIT).setup.parameters
    assert lines(weight) == lines(bias) == (5, [])


def test_values_that_take_a_parameters_place_were_made_on_their_own_line(watch):
    change = "net.weight.data = torch.randn(20, 30) * 0.2"
    weight, _ = watch(LAYER.replace("CHANGE", change) + FIT).setup.parameters
    assert lines(weight) == (7, [])
