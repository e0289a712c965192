"""Shapes that agree in the loss, and losses that take logits."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import MatchShapes, UseLogits
from unstuck.patch import Unpatchable

COLUMN, FLAT = (32, 1), (32,)


def match(text, marker, prediction=COLUMN, target=FLAT):
    return MatchShapes(where(text, marker), prediction, target)


def test_a_column_of_predictions_is_squeezed():
    text = "out = net(x)\nloss = criterion(out, y)\n"
    assert changes(text, match(text, "criterion")) == (
        "-loss = criterion(out, y)\n+loss = criterion(out.squeeze(-1), y)"
    )


def test_a_column_of_targets_is_squeezed():
    text = "loss = F.mse_loss(net(x)[:, 0], y)\n"
    assert changes(text, match(text, "loss", FLAT, COLUMN)) == (
        "-loss = F.mse_loss(net(x)[:, 0], y)\n+loss = F.mse_loss(net(x)[:, 0], y.squeeze(-1))"
    )


def test_a_difference_by_hand_is_mended():
    text = "model = Net()\nloss = ((model(x) - y) ** 2).mean()\n"
    assert changes(text, match(text, "loss")) == (
        "-loss = ((model(x) - y) ** 2).mean()\n+loss = ((model(x).squeeze(-1) - y) ** 2).mean()"
    )


def test_a_difference_on_another_line_is_found():
    text = code("""
        def train():
            net = nn.Sequential(nn.Linear(1, 1))
            error = y - net(x)
            loss = (error * error).sum() / len(error)
    """)
    assert changes(text, match(text, "loss")) == (
        "-    error = y - net(x)\n+    error = y - net(x).squeeze(-1)"
    )


def test_swapped_arguments_are_told_apart_by_the_network():
    text = code("""
        net = nn.Linear(3, 1)
        pred = net(x)
        f = nn.MSELoss()
        print(f(y, pred))
    """)
    assert changes(text, match(text, "print")) == (
        "-print(f(y, pred))\n+print(f(y, pred.squeeze(-1)))"
    )


def test_an_expression_gets_parentheses():
    text = code("""
        loss = nn.MSELoss()(
            h @ W + b,
            y,
        )
    """)
    assert changes(text, match(text, "loss")) == "-    h @ W + b,\n+    (h @ W + b).squeeze(-1),"


def test_other_shapes_are_viewed_as_the_prediction():
    text = "loss = F.l1_loss(out, y)\n"
    assert changes(text, match(text, "loss", (8, 2, 1), (8, 2, 1, 1))) == (
        "-loss = F.l1_loss(out, y)\n+loss = F.l1_loss(out, y.squeeze(-1))"
    )
    assert "y.view_as(out)" in changes(text, match(text, "loss", (8, 3), (24,)))


def test_a_line_without_a_comparison_is_refused():
    text = "loss = f(x)\n"
    with pytest.raises(Unpatchable, match="no loss"):
        changes(text, match(text, "loss"))


def logits(text, sigmoid, loss, built=None):
    return UseLogits(where(text, sigmoid), where(text, loss), where(text, built) if built else None)


def test_the_last_part_of_a_sequential_goes_and_predictions_get_it():
    text = code("""
        import torch
        from torch import nn

        model = nn.Sequential(
            nn.Linear(4, 2),
            nn.Sigmoid(),
            nn.Linear(2, 1),
            nn.Sigmoid(),  # a probability
        )
        bce = nn.BCELoss(reduction="sum")

        for e in range(10):
            prediction = model(inputs)
            loss = bce(prediction, labels)
            loss.backward()
            hits = (prediction > 0.5).float()
            print(prediction.shape)

        for got in model(inputs):
            print(got.item())
    """)
    edit = logits(text, "a probability", "loss = bce", "BCELoss")
    assert changes(text, edit) == (
        "-    nn.Sigmoid(),  # a probability\n"
        '-bce = nn.BCELoss(reduction="sum")\n+bce = nn.BCEWithLogitsLoss(reduction="sum")\n'
        "-    hits = (prediction > 0.5).float()\n+    hits = (torch.sigmoid(prediction) > 0.5).float()\n"
        "-for got in model(inputs):\n+for got in torch.sigmoid(model(inputs)):"
    )


def test_a_function_at_the_end_of_forward_is_unwrapped():
    text = code("""
        import torch
        import torch.nn.functional as F
        class Net(torch.nn.Module):
            def forward(self, x):
                return torch.sigmoid(self.l2(torch.sigmoid(self.l1(x))))

        net = Net().to(device)
        for xb, yb in loader:
            loss = F.binary_cross_entropy(net(xb), yb)
        net.eval()
        print(net(x).round())
    """)
    assert changes(text, logits(text, "return", "loss =")) == (
        "-        return torch.sigmoid(self.l2(torch.sigmoid(self.l1(x))))\n"
        "+        return self.l2(torch.sigmoid(self.l1(x)))\n"
        "-    loss = F.binary_cross_entropy(net(xb), yb)\n"
        "+    loss = F.binary_cross_entropy_with_logits(net(xb), yb)\n"
        "-print(net(x).round())\n+print(torch.sigmoid(net(x)).round())"
    )


def test_a_statement_that_only_squashes_goes():
    text = code("""
        import torch
        from torch.nn import BCELoss, Linear
        class Net(torch.nn.Module):
            def forward(self, x):
                x = self.l2(x)
                x = x.sigmoid()
                return x

        net = Net()
        loss = BCELoss()(net(x), y)
    """)
    assert changes(text, logits(text, "x.sigmoid", "loss =", "BCELoss()")) == (
        "-from torch.nn import BCELoss, Linear\n+from torch.nn import BCEWithLogitsLoss, Linear\n"
        "-        x = x.sigmoid()\n"
        "-loss = BCELoss()(net(x), y)\n+loss = BCEWithLogitsLoss()(net(x), y)"
    )


def test_a_module_that_nothing_else_calls_goes_with_its_call():
    text = code("""
        import torch
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.out = torch.nn.Linear(2, 1)
                self.squash = torch.nn.Sigmoid()

            def forward(self, x):
                return self.squash(self.out(x))

        criterion = torch.nn.BCELoss()
        def train(net):
            p = net(x)
            criterion(p, y).backward()
            return p.detach()
        train(Net())
    """)
    assert changes(text, logits(text, "self.squash =", "criterion(p", "BCELoss")) == (
        "-        self.squash = torch.nn.Sigmoid()\n"
        "-        return self.squash(self.out(x))\n+        return self.out(x)\n"
        "-criterion = torch.nn.BCELoss()\n+criterion = torch.nn.BCEWithLogitsLoss()\n"
        "-    return p.detach()\n+    return torch.sigmoid(p).detach()"
    )


def test_an_appended_sigmoid_goes_with_its_line():
    text = code("""
        import torch
        from torch import nn
        layers = [nn.Linear(2, 1)]
        layers.append(nn.Sigmoid())
        net = nn.Sequential(*layers)
        loss = nn.functional.binary_cross_entropy(net(x), y)
        print(net(x))
    """)
    after = patch(text, logits(text, "Sigmoid", "loss =")).files["train.py"]
    assert "Sigmoid" not in after.replace("torch.sigmoid", "")
    assert after.endswith("print(torch.sigmoid(net(x)))\n")


def test_a_network_within_a_network_is_wrapped_outside_only():
    text = code("""
        import torch
        class Head(torch.nn.Module):
            def forward(self, h):
                return torch.sigmoid(h @ self.w)

        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.head = Head()

            def forward(self, x):
                return self.head(x)

        net = Net()
        loss = torch.nn.functional.binary_cross_entropy(net(x), y)
        print(net(x))
    """)
    assert changes(text, logits(text, "torch.sigmoid", "loss =")) == (
        "-        return torch.sigmoid(h @ self.w)\n+        return h @ self.w\n"
        "-loss = torch.nn.functional.binary_cross_entropy(net(x), y)\n"
        "-print(net(x))\n"
        "+loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x), y)\n"
        "+print(torch.sigmoid(net(x)))"
    )


def test_a_loss_by_hand_is_refused():
    text = "import torch\np = torch.sigmoid(x @ w)\nloss = -(y * p.log()).mean()\n"
    with pytest.raises(Unpatchable, match="no BCELoss"):
        changes(text, logits(text, "sigmoid", "loss ="))


@pytest.mark.parametrize(
    "made", ["out.squeeze()", "out.squeeze(-1)", "out.view(-1)", "torch.flatten(out)"]
)
def test_a_shape_that_was_thrown_away_is_kept(made):
    text = f"out = net(x)\n{made}\nloss = criterion(out, y)\n"
    assert changes(text, match(text, "criterion")) == f"-{made}\n+out = {made}"


@pytest.mark.parametrize("made", ["y.unsqueeze(1)", "y.view(-1, 1)", "torch.unsqueeze(y, dim=1)"])
def test_a_targets_shape_that_was_thrown_away_is_kept(made):
    text = f"{made}\nout = net(x)\nloss = criterion(out, y)\n"
    assert changes(text, match(text, "criterion")) == f"-{made}\n+y = {made}"


@pytest.mark.parametrize(
    "text",
    [
        "out = net(x)\nloss = criterion(out, y)\nout.squeeze()\n",
        "out = net(x)\nout.unsqueeze(1)\nloss = criterion(out, y)\n",
        "out = net(x)\nz.squeeze()\nloss = criterion(out, y)\n",
        "def f(out):\n    out.squeeze()\nout = net(x)\nloss = criterion(out, y)\n",
    ],
)
def test_a_shape_that_would_not_help_stays_thrown_away(text):
    assert changes(text, match(text, "criterion")) == (
        "-loss = criterion(out, y)\n+loss = criterion(out.squeeze(-1), y)"
    )
