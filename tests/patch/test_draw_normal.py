"""Weights made by hand, drawn from a normal distribution of the spread that a layer would have."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import DrawNormal
from unstuck.patch import Unpatchable


def draw(text, marker, *spreads, first=True):
    return DrawNormal(where(text, marker), spreads, first)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "(torch.randn(1, 48) * 30).requires_grad_()",
            "(torch.randn(1, 48) * 0.25).requires_grad_()",
        ),
        ("torch.randn(16, 4).requires_grad_()", "(torch.randn(16, 4) * 0.25).requires_grad_()"),
        ("nn.Parameter(torch.randn((16, 4)) / 0.01)", "nn.Parameter(torch.randn((16, 4)) * 0.25)"),
        ("nn.Parameter(torch.rand(16, 4))", "nn.Parameter(torch.randn(16, 4) * 0.25)"),
        ("nn.Parameter(torch.zeros(16, 4))", "nn.Parameter(torch.randn(16, 4) * 0.25)"),
        (
            "torch.ones(16, 4, requires_grad=True)",
            "(torch.randn(16, 4) * 0.25).requires_grad_()",
        ),
        (
            "torch.randn(16, 4, requires_grad=True, dtype=torch.float64)",
            "(torch.randn(16, 4, dtype=torch.float64) * 0.25).requires_grad_()",
        ),
        (
            "torch.full((16, 4), 0.3, requires_grad=True)",
            "(torch.randn((16, 4)) * 0.25).requires_grad_()",
        ),
        (
            "nn.Parameter(torch.full((16, 4), fill_value=9.0))",
            "nn.Parameter(torch.randn((16, 4)) * 0.25)",
        ),
        ("Variable(SCALE * torch.randn(16, 4))", "Variable(SCALE * (torch.randn(16, 4) * 0.25))"),
    ],
)
def test_the_call_gets_its_spread_as_its_factor(before, after):
    text = f"import torch\nSCALE = 1\nW = {before}\nfit(W)\n"
    assert changes(text, draw(text, "W =", 0.25)) == f"-W = {before}\n+W = {after}"


def test_weights_of_one_line_get_theirs_in_its_order():
    text = "V, W = torch.randn(4, 9) * 9, torch.randn(9, 1) * 9\n"
    wanted = "+V, W = torch.randn(4, 9) * 0.5, torch.randn(9, 1) * 0.333"
    assert changes(text, draw(text, "V, W", 0.5, 1 / 3)).splitlines()[1] == wanted


def test_a_bias_on_the_same_line_stays():
    text = "W, b = torch.randn(4, 9) * 9, torch.zeros(9)\n"
    wanted = "+W, b = torch.randn(4, 9) * 0.5, torch.zeros(9)"
    assert changes(text, draw(text, "W, b", 0.5)).splitlines()[1] == wanted


def test_a_loop_over_sizes_goes_by_the_first_of_each():
    text = code("""
        weights = []
        for rows, columns in zip(sizes, sizes[1:]):
            weights.append(torch.randn(rows, columns) * 20)
    """)
    wanted = "+    weights.append(torch.randn(rows, columns) * rows ** -0.5)"
    assert changes(text, draw(text, "append", 0.5, 0.25)).splitlines()[1] == wanted


def test_sizes_may_stand_in_a_tuple():
    text = "Ws = [torch.full((m, n), 0.05).requires_grad_() for m, n in pairs]\n"
    wanted = "+Ws = [(torch.randn((m, n)) * m ** -0.5).requires_grad_() for m, n in pairs]"
    assert changes(text, draw(text, "Ws", 0.5, 0.25)).splitlines()[1] == wanted


def test_a_loop_whose_weights_stand_the_other_way_round_is_left():
    text = "Ws = [torch.randn(m, n) * 20 for n, m in pairs]\n"
    with pytest.raises(Unpatchable, match="several sizes"):
        changes(text, draw(text, "Ws", 0.5, 0.25, first=False))


def test_a_line_that_makes_them_some_other_way_is_left():
    text = "W = torch.load('weights.pt')\n"
    with pytest.raises(Unpatchable, match="is not visible"):
        changes(text, draw(text, "W =", 0.5))
