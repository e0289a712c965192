"""The loss that was meant: another name, another sign, other targets."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import AsClasses, FlipSign, RenameCall, UnitTargets
from unstuck.patch import Unpatchable

NLL = (("NLLLoss", "CrossEntropyLoss"), ("nll_loss", "cross_entropy"))
SOFTMAX = (("Softmax", "LogSoftmax"), ("softmax", "log_softmax"))


def test_a_loss_module_is_built_under_another_name():
    text = "criterion = nn.NLLLoss(reduction='sum')\nloss = criterion(net(x), y)\n"
    edit = RenameCall((where(text, "nn.NLLLoss"), where(text, "loss =")), NLL)
    assert changes(text, edit) == (
        "-criterion = nn.NLLLoss(reduction='sum')\n+criterion = nn.CrossEntropyLoss(reduction='sum')"
    )


def test_a_loss_function_is_called_under_another_name():
    text = "loss = F.nll_loss(net(x), y)\n"
    assert changes(text, RenameCall((where(text, "loss"),), NLL)) == (
        "-loss = F.nll_loss(net(x), y)\n+loss = F.cross_entropy(net(x), y)"
    )


def test_a_name_imported_by_itself_is_imported_anew():
    text = "from torch.nn import Linear, NLLLoss\nf = NLLLoss()\n"
    assert changes(text, RenameCall((where(text, "f ="),), NLL)) == (
        "-from torch.nn import Linear, NLLLoss\n-f = NLLLoss()\n"
        "+from torch.nn import Linear, CrossEntropyLoss\n+f = CrossEntropyLoss()"
    )


def test_a_softmax_keeps_its_dim():
    text = "return F.softmax(self.out(h), dim=1)\n"
    whole = f"def f(self, h):\n    {text}"
    assert changes(whole, RenameCall((where(whole, "F."),), SOFTMAX)) == (
        "-    return F.softmax(self.out(h), dim=1)\n+    return F.log_softmax(self.out(h), dim=1)"
    )


def test_a_method_is_renamed():
    text = "p = net(x).softmax(-1)\n"
    assert changes(text, RenameCall((where(text, "p ="),), SOFTMAX)) == (
        "-p = net(x).softmax(-1)\n+p = net(x).log_softmax(-1)"
    )


def test_a_call_out_of_sight_is_said():
    with pytest.raises(Unpatchable, match="no NLLLoss or nll_loss is visible"):
        changes("loss = f(x)\n", RenameCall((where("loss = f(x)\n", "loss"),), NLL))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loss = -criterion(net(x), y)", "loss = criterion(net(x), y)"),
        ("loss = -((net(x) - y) ** 2).mean()", "loss = ((net(x) - y) ** 2).mean()"),
        ("(-loss).backward()", "loss.backward()"),
        ("loss = criterion(net(x), y)", "loss = -criterion(net(x), y)"),
        ("loss = (y * p.log()).mean() + 1.0", "loss = -((y * p.log()).mean() + 1.0)"),
        ("return -F.mse_loss(p, y)", "return F.mse_loss(p, y)"),
    ],
)
def test_the_sign_is_turned(old, new):
    text = code(f"""
        def step():
            {old}
    """)
    assert changes(text, FlipSign(where(text, old))) == f"-    {old}\n+    {new}"


def test_a_line_that_does_nothing_else_goes():
    text = "loss = criterion(net(x), y)\nloss = -loss\nloss.backward()\n"
    assert changes(text, FlipSign(where(text, "-loss"))) == "-loss = -loss"


def test_a_sign_that_cannot_be_read_off_is_said():
    with pytest.raises(Unpatchable, match="the sign of the loss"):
        changes("loss.backward()\n", FlipSign(where("loss.backward()\n", "loss")))


@pytest.mark.parametrize(
    ("low", "high", "target", "new"),
    [
        (-1.0, 1.0, "y", "(y + 1) / 2"),
        (1.0, 2.0, "y", "y - 1"),
        (0.0, 255.0, "y", "y / 255"),
        (-1.0, 1.0, "y.float()", "(y.float() + 1) / 2"),
        (-0.5, 0.5, "labels[i]", "labels[i] + 0.5"),
        (-1.0, 1.0, "2 * y - 1", "((2 * y - 1) + 1) / 2"),
    ],
)
def test_targets_are_brought_to_no_and_yes(low, high, target, new):
    text = f"loss = criterion(out, {target})\n"
    assert changes(text, UnitTargets(where(text, "loss"), low, high)) == (
        f"-loss = criterion(out, {target})\n+loss = criterion(out, {new})"
    )


@pytest.mark.parametrize(
    ("target", "new"),
    [
        ("y.float().unsqueeze(1)", "y"),
        ("y.unsqueeze(1).float()", "y"),
        ("y.unsqueeze(-1)", "y.long()"),
        ("kind", "kind.squeeze(1).long()"),
        ("batch[1].float()", "batch[1].squeeze(1)"),
    ],
)
def test_targets_become_class_numbers(target, new):
    text = f"loss = criterion(out, {target})\n"
    assert changes(text, AsClasses(where(text, "loss"))) == (
        f"-loss = criterion(out, {target})\n+loss = criterion(out, {new})"
    )
