"""An activation at the network's end taken out, however it is written."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import DropActivation, ReplaceActivation
from unstuck.patch import Unpatchable


def drop(text, marker, function="relu"):
    return DropActivation(where(text, marker), function)


def test_the_last_one_of_a_sequential_on_one_line_goes():
    text = "net = nn.Sequential(nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 1), nn.ReLU())\n"
    assert changes(text, drop(text, "net")).split("\n")[1] == (
        "+net = nn.Sequential(nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 1))"
    )


def test_a_line_of_a_sequential_goes_with_its_comment():
    text = code("""
        net = nn.Sequential(
            nn.Linear(4, 1),
            nn.Softmax(dim=1),  # probabilities
        )
    """)
    assert changes(text, drop(text, "Softmax", "softmax")) == (
        "-    nn.Softmax(dim=1),  # probabilities"
    )


def test_a_function_around_the_last_layer_goes():
    text = code("""
        class Net(nn.Module):
            def forward(self, x):
                x = F.relu(self.fc1(x))
                return F.relu(self.fc2(x))
    """)
    assert changes(text, drop(text, "fc2")) == (
        "-        return F.relu(self.fc2(x))\n+        return self.fc2(x)"
    )


def test_a_method_goes_whatever_its_arguments():
    text = "def f(x):\n    return head(body(x)).softmax(dim=-1)\n"
    assert changes(text, drop(text, "head", "softmax")) == (
        "-    return head(body(x)).softmax(dim=-1)\n+    return head(body(x))"
    )
    text = "def f(x):\n    return (x @ W + b).softmax(-1)\n"
    assert changes(text, drop(text, "@", "softmax")).endswith("+    return (x @ W + b)")


def test_a_module_that_is_called_twice_stays_for_its_first_call():
    text = code("""
        class Net(nn.Module):
            def __init__(self):
                self.fc1, self.fc2 = nn.Linear(2, 4), nn.Linear(4, 1)
                self.act = nn.ReLU()

            def forward(self, x):
                x = self.act(self.fc1(x))
                x = self.act(self.fc2(x))
                return x
    """)
    assert changes(text, drop(text, "nn.ReLU")) == "-        x = self.act(self.fc2(x))\n" + (
        "+        x = self.fc2(x)"
    )


def test_a_module_that_nothing_calls_any_more_goes_as_well():
    text = code("""
        class Net(nn.Module):
            def __init__(self):
                self.fc = nn.Linear(2, 1)
                self.out = nn.Tanh()

            def forward(self, x):
                return self.out(self.fc(x))
    """)
    assert changes(text, drop(text, "nn.Tanh", "tanh")) == (
        "-        self.out = nn.Tanh()\n-        return self.out(self.fc(x))\n"
        "+        return self.fc(x)"
    )


def test_a_module_that_is_built_where_it_is_called_goes():
    text = "y = nn.Softmax(dim=1)(net(x))\n"
    assert changes(text, drop(text, "y =", "softmax")) == (
        "-y = nn.Softmax(dim=1)(net(x))\n+y = net(x)"
    )


def test_an_activation_by_itself_on_a_line_goes_with_the_line():
    text = "def f(x):\n    x = fc(x)\n    x = torch.tanh(x)\n    return x\n"
    assert changes(text, drop(text, "tanh", "tanh")) == "-    x = torch.tanh(x)"


def test_what_is_not_on_the_line_is_refused():
    with pytest.raises(Unpatchable, match="no relu is visible"):
        changes("y = net(x)\n", DropActivation(where("y = net(x)\n", "y"), "relu"))


def test_a_softmax_becomes_a_sigmoid_without_its_dimension():
    text = "net = nn.Sequential(nn.Linear(4, 1), nn.Softmax(dim=1))\n"
    edit = ReplaceActivation((where(text, "net"),), "softmax", "sigmoid")
    assert changes(text, edit).endswith("+net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())")
    text = "import torch\ny = torch.softmax(net(x), dim=1)\n"
    edit = ReplaceActivation((where(text, "y ="),), "softmax", "sigmoid")
    assert changes(text, edit).endswith("+y = torch.sigmoid(net(x))")
