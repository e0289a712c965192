"""An activation put behind layers, and one activation in another's place."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import InsertActivation, ReplaceActivation
from unstuck.patch import Unpatchable


def insert(text, built, called, paths, activation="relu"):
    lines = tuple(where(text, marker) if marker else None for marker in built)
    calls = tuple(where(text, marker) if marker else None for marker in called)
    return InsertActivation(lines, calls, tuple(paths), activation)


def test_a_sequential_over_several_lines_gets_lines():
    text = code("""
        import torch.nn as nn
        net = nn.Sequential(
            nn.Linear(4, 2),  # first
            nn.Linear(2, 2),
            nn.Linear(2, 1)
        )
        out = net(x)
    """)
    edit = insert(text, ["(4, 2)", "(2, 2)"], ["net(x)", "net(x)"], ["0", "1"])
    assert changes(text, edit) == "+    nn.ReLU(),\n+    nn.ReLU(),"
    assert "(4, 2),  # first\n    nn.ReLU(),\n" in patch(text, edit).files["train.py"]


def test_a_sequential_on_one_line_stays_on_one_line():
    text = "import torch\nnet = torch.nn.Sequential(torch.nn.Linear(1, 9), torch.nn.Linear(9, 1))\n"
    edit = insert(text, ["net ="], ["net ="], ["0"], "tanh")
    assert "torch.nn.Linear(1, 9), torch.nn.Tanh(), torch.nn.Linear(9, 1))" in changes(text, edit)


def test_names_that_are_imported_by_themselves_are_used():
    text = code("""
        from torch import nn
        from torch.nn import Linear, Sequential
        net = Sequential(Linear(1, 9), Linear(9, 1))
    """)
    edit = insert(text, ["net ="], ["net ="], ["0"])
    assert "Sequential(Linear(1, 9), nn.ReLU(), Linear(9, 1))" in changes(text, edit)


def test_calls_in_forward_are_wrapped():
    text = code("""
        import torch
        from torch import nn
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc1 = nn.Linear(4, 2)
                self.fc2 = nn.Linear(2, 2)
                self.fc3 = nn.Linear(2, 1)

            def forward(self, x):
                x = self.fc1(x)
                return self.fc3(self.fc2(x))
    """)
    edit = insert(text, ["fc1 =", "fc2 ="], ["self.fc1(", "self.fc2("], ["fc1", "fc2"])
    assert changes(text, edit) == (
        "-        x = self.fc1(x)\n-        return self.fc3(self.fc2(x))\n"
        "+        x = torch.relu(self.fc1(x))\n"
        "+        return self.fc3(torch.relu(self.fc2(x)))"
    )


def test_the_functional_form_is_used_where_it_is_imported():
    text = code("""
        import torch.nn.functional as F
        class Net(nn.Module):
            def __init__(self):
                self.a, self.b = nn.Linear(4, 2), nn.Linear(2, 1)

            def forward(self, x):
                return self.b(
                    self.a(x)
                )
    """)
    edit = insert(text, ["self.a, "], ["self.a(x)"], ["net.a"], "leaky_relu")
    assert changes(text, edit) == "-            self.a(x)\n+            F.leaky_relu(self.a(x))"


def test_products_by_hand_are_wrapped_with_their_bias():
    text = code("""
        import torch
        def net(x):
            h = x @ W1 + b1
            return (h @ W2 + b2) @ W3
    """)
    edit = insert(text, [None, None], ["W1", "W2"], ["w0", "w1"])
    assert changes(text, edit) == (
        "-    h = x @ W1 + b1\n-    return (h @ W2 + b2) @ W3\n"
        "+    h = torch.relu(x @ W1 + b1)\n+    return torch.relu(h @ W2 + b2) @ W3"
    )


def test_layers_that_a_loop_appends_get_activations_except_behind_the_last():
    text = code("""
        from torch import nn
        sizes = [4, 8, 8, 1]
        layers = []
        for a, b in zip(sizes, sizes[1:]):
            layers.append(nn.Linear(a, b))
        net = nn.Sequential(*layers)
        out = net(x)
    """)
    edit = insert(text, ["(a, b)", "(a, b)"], ["net(x)", "net(x)"], ["0", "1"])
    assert changes(text, edit) == "+    layers.append(nn.ReLU())\n+layers.pop()"


def test_layers_added_by_name_get_named_activations():
    text = code("""
        net = nn.Sequential()
        net.add_module("fc1", nn.Linear(4, 48))
        net.add_module("fc2", nn.Linear(48, 2))
    """)
    edit = insert(text, ["fc1"], ["fc1"], ["fc1"])
    assert changes(text, edit) == '+net.add_module("relu1", nn.ReLU())'


def test_an_ordered_dict_gets_named_activations():
    text = code("""
        net = nn.Sequential(OrderedDict([
            ('hidden', nn.Linear(4, 48)),
            ('out', nn.Linear(48, 2)),
        ]))
    """)
    edit = insert(text, ["hidden"], ["hidden"], ["hidden"])
    assert changes(text, edit) == "+    ('hidden_act', nn.ReLU()),"


def test_a_loop_over_the_layers_spares_the_last():
    text = code("""
        import torch
        class Net(nn.Module):
            def __init__(self, n):
                self.layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(n)])

            def forward(self, x):
                for layer in self.layers:
                    x = layer(x)
                return x

        net = Net(3)
    """)
    edit = insert(text, ["nn.Linear"] * 2, ["layer(x)"] * 2, ["layers.0", "layers.1"])
    assert changes(text, edit) == (
        "+            if layer is not self.layers[-1]:\n+                x = torch.relu(x)"
    )


def test_a_layer_that_is_nowhere_called_is_refused():
    text = "import torch\ny = f(x)\n"
    with pytest.raises(Unpatchable, match="no call of the layer"):
        changes(text, insert(text, [None], ["f(x)"], ["fc1"]))


def replace(text, markers, old="relu", new="leaky_relu"):
    return ReplaceActivation(tuple(where(text, m) for m in markers), old, new)


def test_modules_are_renamed_where_they_are_built():
    text = code("""
        net = nn.Sequential(
            nn.Linear(1, 4), nn.ReLU(),
            nn.Linear(4, 4), nn.ReLU(inplace=True),
            nn.Linear(4, 1))
    """)
    assert changes(text, replace(text, ["(1, 4)", "(4, 4)"])) == (
        "-    nn.Linear(1, 4), nn.ReLU(),\n-    nn.Linear(4, 4), nn.ReLU(inplace=True),\n"
        "+    nn.Linear(1, 4), nn.LeakyReLU(),\n+    nn.Linear(4, 4), nn.LeakyReLU(inplace=True),"
    )


def test_the_sigmoid_at_the_end_of_the_line_stays():
    text = "net = nn.Sequential(nn.Linear(1, 4), nn.Sigmoid(), nn.Linear(4, 1), nn.Sigmoid())\n"
    assert (
        "nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 1), nn.Sigmoid())"
        in changes(text, replace(text, ["net"], "sigmoid", "relu")).split("\n")[1]
    )


def test_functions_are_replaced_by_functions():
    text = code("""
        import torch
        class Net(nn.Module):
            def forward(self, x):
                x = torch.sigmoid(self.a(x))
                return torch.sigmoid(self.b(x))
    """)
    assert changes(text, replace(text, ["self.a"], "sigmoid", "relu")) == (
        "-        x = torch.sigmoid(self.a(x))\n+        x = torch.relu(self.a(x))"
    )


def test_what_torch_lacks_is_called_in_full():
    text = "import torch\nh = torch.relu(x @ W + b)\n"
    assert changes(text, replace(text, ["relu"])) == (
        "-h = torch.relu(x @ W + b)\n+h = torch.nn.functional.leaky_relu(x @ W + b)"
    )


def test_methods_and_clamps_become_functions():
    text = code("""
        import torch
        import torch.nn.functional as F
        a = (x @ W1 + b1).relu()
        b = torch.clamp(a @ W2, min=0)
        c = (b @ W3).clamp(min=0)
        d = F.relu(
            c @ W4
        )
    """)
    after = patch(text, replace(text, ["W1", "W2", "W3", "d ="])).files["train.py"]
    assert after == code("""
        import torch
        import torch.nn.functional as F
        a = F.leaky_relu(x @ W1 + b1)
        b = F.leaky_relu(a @ W2)
        c = F.leaky_relu(b @ W3)
        d = F.leaky_relu(
            c @ W4
        )
    """)


def test_a_method_stays_a_method_where_there_is_one():
    text = "h = self.fc1(x).sigmoid()\n"
    assert changes(text, replace(text, ["fc1"], "sigmoid", "relu")) == (
        "-h = self.fc1(x).sigmoid()\n+h = self.fc1(x).relu()"
    )


def test_an_activation_that_is_passed_as_a_class_is_renamed_where_it_is_passed():
    text = code("""
        def mlp(act=nn.ReLU):
            return nn.Sequential(nn.Linear(1, 4),
                                 act(),
                                 nn.Linear(4, 1))

        net = mlp()
    """)
    assert changes(text, replace(text, ["act(),"], "relu", "elu")) == (
        "-def mlp(act=nn.ReLU):\n+def mlp(act=nn.ELU):"
    )


def test_arguments_that_mean_nothing_to_the_new_one_are_dropped():
    text = "a = nn.LeakyReLU(0.2)\n"
    assert changes(text, replace(text, ["a ="], "leaky_relu", "relu")) == (
        "-a = nn.LeakyReLU(0.2)\n+a = nn.ReLU()"
    )


def test_layers_of_a_module_list_are_wrapped_where_forward_calls_them():
    text = code("""
        import torch
        class DeepNet(nn.Module):
            def __init__(self, depth=3, width=64):
                super().__init__()
                self.layers = nn.ModuleList([nn.Linear(2, width)])
                for _ in range(depth - 1):
                    self.layers.append(nn.Linear(width, width))
                self.classify = nn.Linear(width, 2)

            def forward(self, x):
                for layer in self.layers:
                    x = layer(x)
                return self.classify(x)
    """)
    edit = insert(
        text,
        ["(2, width)", "(width, width)", "(width, width)"],
        ["layer(x)"] * 3,
        ["layers.0", "layers.1", "layers.2"],
    )
    assert changes(text, edit) == (
        "-            x = layer(x)\n+            x = torch.relu(layer(x))"
    )


def test_a_module_that_is_imported_by_itself_is_imported_under_its_new_name():
    text = "from torch.nn import Linear, Sequential, Tanh\nnet = Sequential(Linear(1, 2), Tanh())\n"
    assert changes(text, replace(text, ["net ="], "tanh", "relu")) == (
        "-from torch.nn import Linear, Sequential, Tanh\n"
        "-net = Sequential(Linear(1, 2), Tanh())\n"
        "+from torch.nn import Linear, Sequential, ReLU\n"
        "+net = Sequential(Linear(1, 2), ReLU())"
    )
