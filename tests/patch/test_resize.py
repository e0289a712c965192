"""Layers of another size, wherever their numbers stand."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import Resize
from unstuck.patch import Unpatchable


def linear(text, marker, inputs, outputs, function="Linear", file="train.py", nth=0):
    return Resize(where(text, marker, file, nth), function, inputs, outputs)


def test_literals_in_a_sequential_are_replaced():
    text = code("""
        model = nn.Sequential(
            nn.Linear(4, 2),
            nn.ReLU(),
            nn.Linear(2, 2),
            nn.ReLU(),
            nn.Linear(2, 1),
        )
    """)
    edits = [
        linear(text, "(4, 2)", (4, 4), (2, 8)),
        linear(text, "(2, 2)", (2, 8), (2, 8)),
        linear(text, "(2, 1)", (2, 8), (1, 1)),
    ]
    assert changes(text, *edits) == (
        "-    nn.Linear(4, 2),\n+    nn.Linear(4, 8),\n"
        "-    nn.Linear(2, 2),\n+    nn.Linear(8, 8),\n"
        "-    nn.Linear(2, 1),\n+    nn.Linear(8, 1),"
    )


def test_layers_on_one_line_are_told_apart():
    text = "net = Sequential(Linear(2, 2), Tanh(), Linear(2, 2), Tanh(), Linear(2, 1))\n"
    edits = [
        linear(text, "net", (2, 2), (2, 16)),
        linear(text, "net", (2, 16), (2, 16)),
        linear(text, "net", (2, 16), (1, 1)),
    ]
    assert "Linear(2, 16), Tanh(), Linear(16, 16), Tanh(), Linear(16, 1)" in changes(text, *edits)


def test_a_default_of_the_class_is_edited_once():
    text = code("""
        class Net(nn.Module):
            def __init__(self, hidden=4):
                super().__init__()
                self.l1 = nn.Linear(1, hidden)
                self.norm = nn.BatchNorm1d(hidden)
                self.l2 = nn.Linear(in_features=hidden, out_features=1)

            def forward(self, x):
                return self.l2(torch.tanh(self.norm(self.l1(x))))

        net = Net()
    """)
    edits = [linear(text, "self.l1 =", (1, 1), (4, 32)), linear(text, "self.l2 =", (4, 32), (1, 1))]
    assert changes(text, *edits) == (
        "-    def __init__(self, hidden=4):\n+    def __init__(self, hidden=32):"
    )


def test_an_option_is_edited_once_for_all_layers():
    text = code("""
        p = argparse.ArgumentParser()
        p.add_argument("--hidden", type=int, default=64)

        def make_model(hidden):
            return nn.Sequential(
                nn.Linear(2, hidden), nn.ReLU(),
                nn.Linear(hidden, hidden), nn.ReLU(),
                nn.Linear(hidden, 1),
            )

        def main():
            args = p.parse_args()
            model = make_model(args.hidden)
    """)
    edits = [
        linear(text, "(2, hidden)", (2, 2), (64, 256)),
        linear(text, "(hidden, hidden)", (64, 256), (64, 256)),
        linear(text, "(hidden, 1)", (64, 256), (1, 1)),
    ]
    assert changes(text, *edits) == (
        '-p.add_argument("--hidden", type=int, default=64)\n'
        '+p.add_argument("--hidden", type=int, default=256)'
    )


def test_a_number_that_is_also_the_number_of_inputs_is_left_alone():
    text = code("""
        n = 2
        x = torch.randn(100, n)
        net = nn.Sequential(
            nn.Linear(n, n),
            nn.ReLU(),
            nn.Linear(n, 1))
    """)
    edits = [linear(text, "(n, n)", (2, 2), (2, 8)), linear(text, "(n, 1)", (2, 8), (1, 1))]
    assert changes(text, *edits) == (
        "-    nn.Linear(n, n),\n+    nn.Linear(n, 8),\n-    nn.Linear(n, 1))\n+    nn.Linear(8, 1))"
    )


def test_a_literal_normalisation_follows_its_layer():
    text = code("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc1 = nn.Linear(4, 2)
                self.fc2 = nn.Linear(2, 2)
                self.bn1 = nn.BatchNorm1d(2)
                self.bn2 = nn.BatchNorm1d(2)

            def forward(self, x):
                x = self.bn1(self.fc1(x)).relu()
                return self.bn2(self.fc2(x))
    """)
    edits = [linear(text, "self.fc1 =", (4, 4), (2, 8)), linear(text, "self.fc2 =", (2, 8), (2, 2))]
    assert changes(text, *edits) == (
        "-        self.fc1 = nn.Linear(4, 2)\n-        self.fc2 = nn.Linear(2, 2)\n"
        "-        self.bn1 = nn.BatchNorm1d(2)\n"
        "+        self.fc1 = nn.Linear(4, 8)\n+        self.fc2 = nn.Linear(8, 2)\n"
        "+        self.bn1 = nn.BatchNorm1d(8)"
    )


def test_a_list_of_sizes_behind_a_loop_is_edited():
    text = code("""
        sizes = [4, 2, 2, 1]
        layers = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            layers.append(nn.Linear(a, b))
            layers.append(nn.ReLU())
        net = nn.Sequential(*layers[:-1])
    """)
    edits = [
        linear(text, "(a, b)", (4, 4), (2, 8)),
        linear(text, "(a, b)", (2, 8), (2, 8)),
        linear(text, "(a, b)", (2, 8), (1, 1)),
    ]
    assert changes(text, *edits) == "-sizes = [4, 2, 2, 1]\n+sizes = [4, 8, 8, 1]"


def test_sizes_by_index_are_edited():
    text = code("""
        class MLP(nn.Module):
            def __init__(self, dims):
                super().__init__()
                self.layers = nn.ModuleList(
                    nn.Linear(dims[i], dims[i + 1]) for i in range(len(dims) - 1)
                )

        net = MLP([3, 5, 1])
    """)
    edits = [
        linear(text, "dims[i]", (3, 3), (5, 20)),
        linear(text, "dims[i]", (5, 20), (1, 1)),
    ]
    assert changes(text, *edits) == "-net = MLP([3, 5, 1])\n+net = MLP([3, 20, 1])"


def test_a_function_that_builds_blocks_is_followed_to_its_callers():
    text = code("""
        def block(i, o):
            return nn.Sequential(nn.Linear(i, o), nn.ReLU())

        net = nn.Sequential(block(4, 2), block(2, 2), nn.Linear(2, 1))
    """)
    edits = [
        linear(text, "(i, o)", (4, 4), (2, 8)),
        linear(text, "(i, o)", (2, 8), (2, 8)),
        linear(text, "nn.Linear(2, 1)", (2, 8), (1, 1)),
    ]
    assert changes(text, *edits) == (
        "-net = nn.Sequential(block(4, 2), block(2, 2), nn.Linear(2, 1))\n"
        "+net = nn.Sequential(block(4, 8), block(8, 8), nn.Linear(8, 1))"
    )


def test_bare_weights_and_their_biases_are_resized():
    text = code("""
        W1 = (torch.randn(3, 2) * 0.1).requires_grad_()
        b1 = torch.zeros(2, requires_grad=True)
        W2 = torch.randn((2, 1), requires_grad=True)
        b2 = torch.zeros(1, requires_grad=True)
        out = torch.relu(X @ W1 + b1) @ W2 + b2
    """)
    edits = [
        linear(text, "W1 =", (3, 3), (2, 8), "randn"),
        linear(text, "W2 =", (2, 8), (1, 1), "randn"),
    ]
    assert changes(text, *edits) == (
        "-W1 = (torch.randn(3, 2) * 0.1).requires_grad_()\n"
        "-b1 = torch.zeros(2, requires_grad=True)\n"
        "-W2 = torch.randn((2, 1), requires_grad=True)\n"
        "+W1 = (torch.randn(3, 8) * 0.1).requires_grad_()\n"
        "+b1 = torch.zeros(8, requires_grad=True)\n"
        "+W2 = torch.randn((8, 1), requires_grad=True)"
    )


def test_bare_weights_with_named_sizes_are_resized_at_the_names():
    text = code("""
        N, D, H = 400, 3, 40
        X = torch.randn(N, D)
        W1 = torch.randn(D, H) / D ** 0.5
        b1 = torch.zeros(H)
        W2 = nn.Parameter(torch.randn(1, H) / H ** 0.5)
        out = F.linear(torch.tanh(X @ W1 + b1), W2)
    """)
    edits = [
        linear(text, "W1 =", (3, 3), (40, 80), "randn"),
        linear(text, "W2 =", (40, 80), (1, 1), "Parameter"),
    ]
    assert changes(text, *edits) == "-N, D, H = 400, 3, 40\n+N, D, H = 400, 3, 80"


def test_sizes_in_another_file_are_followed():
    files = {
        "train.py": "from net import Net\nnet = Net(width=4)\n",
        "net.py": code("""
            class Net(nn.Module):
                def __init__(self, width):
                    self.a = nn.Linear(
                        1,
                        width,
                    )
                    self.b = nn.Linear(width, 1)

                def forward(self, x):
                    return self.b(self.a(x))
        """),
    }
    edits = [
        linear(files["net.py"], "self.a = nn", (1, 1), (4, 16), file="net.py"),
        linear(files["net.py"], "self.b = nn", (4, 16), (1, 1), file="net.py"),
    ]
    assert changes(files, *edits, script="train.py") == (
        "-net = Net(width=4)\n+net = Net(width=16)"
    )
    assert changes(files, *edits) == (
        "-            width,\n+            16,\n"
        "-        self.b = nn.Linear(width, 1)\n+        self.b = nn.Linear(16, 1)"
    )


def test_sizes_that_cannot_be_read_off_are_refused():
    text = "net = nn.Linear(4, 2)\n"
    with pytest.raises(Unpatchable, match="no call"):
        changes(text, linear(text, "net", (4, 4), (3, 8)))


def test_a_function_that_makes_weights_and_biases_is_followed_to_its_calls():
    text = code("""
        def layer(n_in, n_out, bias):
            w = torch.empty(n_in, n_out).normal_(0, (2 / n_in) ** 0.5).requires_grad_()
            b = torch.full((n_out,), bias).requires_grad_()
            return w, b

        w1, b1 = layer(2, 50, -8.0)
        w2, b2 = layer(50, 50, -8.0)
        w3, b3 = layer(50, 2, 0.0)
    """)
    edits = [
        linear(text, "w = ", (2, 2), (50, 200)),
        linear(text, "w = ", (50, 200), (50, 200)),
        linear(text, "w = ", (50, 200), (2, 2)),
    ]
    assert changes(text, *edits) == (
        "-w1, b1 = layer(2, 50, -8.0)\n-w2, b2 = layer(50, 50, -8.0)\n-w3, b3 = layer(50, 2, 0.0)\n"
        "+w1, b1 = layer(2, 200, -8.0)\n+w2, b2 = layer(200, 200, -8.0)\n"
        "+w3, b3 = layer(200, 2, 0.0)"
    )
