"""Weights of classes are written where the loss is built, or where it is called."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import WeighClasses
from unstuck.patch import Unpatchable

SCRIPT = code("""
    import torch
    import torch.nn.functional as F
    from torch import nn
    BUILT
    for epoch in range(100):
        loss = LOSS(net(x), y)
        loss.backward()
        opt.step()
""")


def mended(built, called="crit", weights=(49.0,)):
    text = SCRIPT.replace("BUILT", built).replace("LOSS", called)
    lines = [where(text, built.splitlines()[0])] if called == "crit" else []
    return changes(text, WeighClasses((*lines, where(text, "loss = ")), weights))


@pytest.mark.parametrize(
    ("sick", "healthy", "weights"),
    [
        (
            "crit = nn.BCEWithLogitsLoss()",
            "crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([49.0]))",
            (49.0,),
        ),
        (
            "crit = torch.nn.CrossEntropyLoss()",
            "crit = torch.nn.CrossEntropyLoss(weight=torch.tensor([0.53, 10.0]))",
            (0.53, 10.0),
        ),
        (
            "crit = nn.CrossEntropyLoss(reduction='sum')",
            "crit = nn.CrossEntropyLoss(reduction='sum', weight=torch.tensor([1.0, 3.5, 0.4]))",
            (1.0, 3.5, 0.4),
        ),
    ],
)
def test_a_module_is_built_with_them(sick, healthy, weights):
    assert mended(sick, weights=weights) == f"-{sick}\n+{healthy}"


def test_a_module_over_several_lines_keeps_its_layout():
    built = "crit = nn.BCEWithLogitsLoss(\n    reduction='mean',\n)"
    assert mended(built) == "+    pos_weight=torch.tensor([49.0]),"


@pytest.mark.parametrize(
    ("called", "keyword"),
    [("F.binary_cross_entropy_with_logits", "pos_weight"), ("F.cross_entropy", "weight")],
)
def test_a_function_is_called_with_them(called, keyword):
    old = f"    loss = {called}(net(x), y)"
    new = f"    loss = {called}(net(x), y, {keyword}=torch.tensor([49.0]))"
    assert mended("seed = 1", called) == f"-{old}\n+{new}"


@pytest.mark.parametrize(
    ("built", "why"),
    [
        ("crit = nn.BCEWithLogitsLoss(pos_weight=w)", "already"),
        ("crit = nn.BCEWithLogitsLoss(**options)", "already"),
        ("crit = nn.BCEWithLogitsLoss().to(device)", "device"),
        ("crit = made()", "no loss"),
    ],
)
def test_what_is_not_visible_is_not_written(built, why):
    with pytest.raises(Unpatchable, match=why):
        mended(built)


def test_the_weights_of_many_classes_are_not_written_out():
    with pytest.raises(Unpatchable, match="21 classes"):
        mended("crit = nn.CrossEntropyLoss()", weights=(1.0,) * 21)
