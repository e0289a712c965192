"""A loop that draws the weights of a network's linear layers, in front of its optimizer."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import DrawWeights
from unstuck.patch import Unpatchable

IMPORTS = "import torch\nfrom torch import nn\n"


def draw(text, *options, function="xavier_uniform_", marker="optim."):
    return DrawWeights(where(text, marker), function, options)


def test_the_loop_follows_the_network():
    text = IMPORTS + code("""
        net = nn.Sequential(
            nn.Linear(2, 3),
        )
        loss_fn = nn.MSELoss()
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
    """)
    after = patch(text, draw(text)).files["train.py"]
    assert after == IMPORTS + code("""
        net = nn.Sequential(
            nn.Linear(2, 3),
        )
        for layer in net.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
        loss_fn = nn.MSELoss()
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
    """)


def test_options_are_written_behind_the_weight():
    text = IMPORTS + "net = Net()\nopt = torch.optim.SGD(net.parameters())\n"
    he = draw(text, ("nonlinearity", "relu"), function="kaiming_uniform_")
    assert 'nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")' in changes(text, he)
    assert "xavier_uniform_(layer.weight, gain=4)" in changes(text, draw(text, ("gain", 4.0)))


def test_a_network_that_was_filled_before_is_drawn_in_front_of_the_optimizer():
    text = IMPORTS + code("""
        net = Net()
        net.apply(small)
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
    """)
    after = patch(text, draw(text)).files["train.py"]
    assert after.index("net.apply") < after.index("for layer") < after.index("opt =")


def test_a_function_that_is_given_the_network_draws_it():
    text = "import torch as t\n\n" + code("""
        def fit(model, lr):
            opt = t.optim.Adam(model.parameters(), lr=lr)
            for x, y in rows:
                opt.step()
    """)
    assert changes(text, draw(text)) == (
        "+    for layer in model.modules():\n"
        "+        if isinstance(layer, t.nn.Linear):\n"
        "+            t.nn.init.xavier_uniform_(layer.weight)"
    )


def test_an_attribute_is_a_network_too():
    text = "import torch.nn as nn\n\n" + code("""
        class Fit:
            def __init__(self):
                self.net = Net()
                self.opt = optim.SGD(self.net.parameters(), lr=0.1)
    """)
    assert changes(text, draw(text)) == (
        "+        for layer in self.net.modules():\n"
        "+            if isinstance(layer, nn.Linear):\n"
        "+                nn.init.xavier_uniform_(layer.weight)"
    )


def test_a_name_that_is_taken_is_left_alone():
    text = IMPORTS + "layer = 3\nnet = Net(layer)\nopt = torch.optim.SGD(net.parameters())\n"
    assert "+for module in net.modules():" in changes(text, draw(text))


def test_tabs_stay_tabs():
    text = IMPORTS + "def fit():\n\tnet = Net()\n\topt = torch.optim.SGD(net.parameters())\n"
    assert "+\t\tif isinstance(layer, nn.Linear):" in changes(text, draw(text))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("opt = torch.optim.SGD(list(a.parameters()) + list(b.parameters()))", "one network"),
        ("opt = torch.optim.SGD(params, lr=1)", "one network"),
        ("for i in range(9):\n    opt = torch.optim.SGD(net.parameters())", "again and again"),
        ("if x: opt = torch.optim.SGD(net.parameters())", "line of its own"),
    ],
)
def test_what_has_no_single_place_is_refused(text, why):
    text = f"{IMPORTS}{text}\n"
    with pytest.raises(Unpatchable, match=why):
        changes(text, draw(text))


def test_without_torch_there_is_nothing_to_call():
    text = "opt = optim.SGD(net.parameters())\n"
    with pytest.raises(Unpatchable, match="imports nothing"):
        changes(text, draw(text))
