"""Targets are drawn into a range where the loss reads them, however it is written."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import ClipTargets
from unstuck.patch import Unpatchable


def clipped(text, marker, low=None, high=2.61):
    return changes(text, ClipTargets(where(text, marker), low, high))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "F.mse_loss(net(x[rows]), rent[rows])",
            "F.mse_loss(net(x[rows]), rent[rows].clamp(max=2.61))",
        ),
        ("criterion(net(x), y)", "criterion(net(x), y.clamp(max=2.61))"),
        (
            "criterion(input=net(x), target=y / 2)",
            "criterion(input=net(x), target=(y / 2).clamp(max=2.61))",
        ),
        ("((net(x) - y) ** 2).mean()", "((net(x) - y.clamp(max=2.61)) ** 2).mean()"),
        (
            "nn.functional.mse_loss(net(x), batch['y'])",
            "nn.functional.mse_loss(net(x), batch['y'].clamp(max=2.61))",
        ),
    ],
)
def test_the_target_of_the_loss_is_clamped(before, after):
    text = code(f"""
        for x, y in loader:
            loss = {before}
            loss.backward()
    """)
    assert clipped(text, "loss =") == f"-    loss = {before}\n+    loss = {after}"


def test_both_ends_are_written_where_both_are_needed():
    text = code("loss = mse(net(x), y)")
    assert clipped(text, "loss =", low=-0.5).endswith("y.clamp(min=-0.5, max=2.61))")


def test_a_loss_that_is_made_elsewhere_is_not_changed():
    with pytest.raises(Unpatchable):
        clipped(code("loss = step(batch)"), "loss =")
