"""Another axis, and another direction: arguments of functions, methods and modules."""

import pytest
from patching import changes, where

from unstuck.core.edits import SetArgument


@pytest.mark.parametrize(
    ("old", "new", "function", "position"),
    [
        ("p = F.log_softmax(h, dim=0)", "p = F.log_softmax(h, dim=1)", "log_softmax", 1),
        ("p = torch.softmax(h, 0)", "p = torch.softmax(h, 1)", "softmax", 1),
        ("p = net(x).softmax(0)", "p = net(x).softmax(1)", "softmax", 0),
        ("p = nn.Softmax(dim=0)(h)", "p = nn.Softmax(dim=1)(h)", "Softmax", 0),
        (
            "m = nn.Sequential(a, nn.Softmax(0))",
            "m = nn.Sequential(a, nn.Softmax(1))",
            "Softmax",
            0,
        ),
        ("h = h - h.mean(0, keepdim=True)", "h = h - h.mean(1, keepdim=True)", "mean", 0),
        ("h = torch.mean(h, dim=0)", "h = torch.mean(h, dim=1)", "mean", 1),
        ("h = F.normalize(h, dim=0)", "h = F.normalize(h, dim=1)", "normalize", 2),
    ],
)
def test_an_axis_is_set_in_the_style_that_is_there(old, new, function, position):
    text = f"{old}\n"
    edit = SetArgument(where(text, old), function, "dim", position, 1, 0)
    assert changes(text, edit) == f"-{old}\n+{new}"


def test_an_axis_below_zero_is_set_too():
    text = "p = F.softmax(h, dim=-2)\n"
    edit = SetArgument(where(text, "p ="), "softmax", "dim", 1, 1, -2)
    assert changes(text, edit) == "-p = F.softmax(h, dim=-2)\n+p = F.softmax(h, dim=1)"


def test_an_optimizer_is_told_to_go_down():
    text = "opt = torch.optim.SGD(net.parameters(), lr=0.1, maximize=True)\n"
    edit = SetArgument(where(text, "opt"), "SGD", "maximize", None, False, True)
    assert changes(text, edit) == (
        "-opt = torch.optim.SGD(net.parameters(), lr=0.1, maximize=True)\n"
        "+opt = torch.optim.SGD(net.parameters(), lr=0.1, maximize=False)"
    )
