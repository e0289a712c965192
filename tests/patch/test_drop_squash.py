"""A sigmoid or softmax taken out in front of a loss that applies it itself."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import DropSquash
from unstuck.patch import Unpatchable


def drop(text, marker, function="softmax", loss="crit("):
    return DropSquash(where(text, marker), function, where(text, loss))


def test_a_softmax_that_forward_returns_goes():
    text = code("""
        class Net(nn.Module):
            def forward(self, x):
                return F.softmax(self.out(x), dim=1)
        net = Net()
        crit = nn.CrossEntropyLoss()
        p = net(x)
        loss = crit(p, y)
        print((p.argmax(1) == y).sum())
    """)
    assert changes(text, drop(text, "F.softmax")) == (
        "-        return F.softmax(self.out(x), dim=1)\n+        return self.out(x)"
    )


def test_a_softmax_in_a_sequential_goes_with_its_line():
    text = code("""
        net = nn.Sequential(
            nn.Linear(4, 3),
            nn.Softmax(dim=1),
        )
        loss = crit(net(x), y)
    """)
    assert changes(text, drop(text, "nn.Softmax")) == "-    nn.Softmax(dim=1),"


def test_a_softmax_module_goes_with_its_call():
    text = code("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.out = nn.Linear(4, 3)
                self.softmax = nn.Softmax(dim=-1)

            def forward(self, x):
                x = self.out(x)
                return self.softmax(x)
        net = Net()
        loss = crit(net(x), y)
    """)
    assert changes(text, drop(text, "nn.Softmax")) == (
        "-        self.softmax = nn.Softmax(dim=-1)\n-        return self.softmax(x)\n+        return x"
    )


def test_a_softmax_in_the_line_of_the_loss_goes():
    text = "loss = crit(torch.softmax(net(x), 1), y)\n"
    assert changes(text, drop(text, "softmax")) == (
        "-loss = crit(torch.softmax(net(x), 1), y)\n+loss = crit(net(x), y)"
    )


def test_a_softmax_that_is_a_method_goes():
    text = "p = net(x).softmax(dim=1)\nloss = crit(p, y)\n"
    assert changes(text, drop(text, "softmax")) == "-p = net(x).softmax(dim=1)\n+p = net(x)"


def test_a_threshold_gets_the_sigmoid_that_the_network_loses():
    text = code("""
        import torch
        from torch import nn
        net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
        crit = nn.BCEWithLogitsLoss()
        p = net(x)
        loss = crit(p, y)
        print(((p > 0.5) == y).float().mean())
    """)
    assert changes(text, drop(text, "nn.Sigmoid", "sigmoid")) == (
        "-net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())\n"
        "+net = nn.Sequential(nn.Linear(4, 1))\n"
        "-print(((p > 0.5) == y).float().mean())\n"
        "+print(((torch.sigmoid(p) > 0.5) == y).float().mean())"
    )


def test_a_sigmoid_in_the_loop_moves_to_the_threshold():
    text = code("""
        import torch
        from torch import nn
        net = nn.Linear(4, 1)
        crit = nn.BCEWithLogitsLoss()
        p = torch.sigmoid(net(x))
        loss = crit(p, y)
        right = (p.round() == y).sum()
    """)
    assert changes(text, drop(text, "torch.sigmoid", "sigmoid")) == (
        "-p = torch.sigmoid(net(x))\n+p = net(x)\n"
        "-right = (p.round() == y).sum()\n+right = (torch.sigmoid(p).round() == y).sum()"
    )


def test_a_squash_out_of_sight_is_said():
    text = "p = predict(x)\nloss = crit(p, y)\n"
    with pytest.raises(Unpatchable, match="no softmax is visible"):
        changes(text, drop(text, "predict"))
