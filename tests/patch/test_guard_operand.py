"""A tiny term or a clamp in front of an operation that has no value somewhere."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import GuardOperand
from unstuck.patch import Unpatchable


def guarded(line, function="log", how="add", value=1e-8, count=1):
    text = f"import numpy as np\n{line}\nloss.backward()\n"
    edit = GuardOperand(where(text, line), function, how, value, count)
    before, after = changes(text, edit).split("\n")
    assert before == f"-{line}"
    return after[1:]


@pytest.mark.parametrize(
    ("line", "after", "function"),
    [
        ("loss = -torch.log(p).mean()", "loss = -torch.log(p + 1e-8).mean()", "log"),
        ("loss = -(1 - p).log().mean()", "loss = -(1 - p + 1e-8).log().mean()", "log"),
        ("loss = -p[i].log().mean()", "loss = -(p[i] + 1e-8).log().mean()", "log"),
        ("loss = -log(a if b else c)", "loss = -log((a if b else c) + 1e-8)", "log"),
        ("d = sqrt(((a - b) ** 2).sum(1))", "d = sqrt(((a - b) ** 2).sum(1) + 1e-8)", "sqrt"),
        ("d = ((a - b) ** 2).sum(1).sqrt()", "d = (((a - b) ** 2).sum(1) + 1e-8).sqrt()", "sqrt"),
        ("d = (a ** 2).sum(1) ** 0.5", "d = ((a ** 2).sum(1) + 1e-8) ** 0.5", "pow"),
        ("r = (a - b) / b", "r = (a - b) / (b + 1e-8)", "truediv"),
        ("r = 1 / (a + b)", "r = 1 / (a + b + 1e-8)", "rtruediv"),
        ("r = torch.div(a, b)", "r = torch.div(a, b + 1e-8)", "div"),
        ("r = a.div(b)", "r = a.div(b + 1e-8)", "div"),
    ],
)  # fmt: skip
def test_a_tiny_number_is_added_to_the_operand(line, after, function):
    assert guarded(line, function) == after


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("h = torch.log(x)", "h = torch.log(x.clamp(min=1e-8))"),
        ("h = torch.log(1 + x)", "h = torch.log((1 + x).clamp(min=1e-8))"),
        ("h = (1 + x).log()", "h = (1 + x).clamp(min=1e-8).log()"),
    ],
)
def test_what_may_be_negative_is_kept_above_a_tiny_number(line, after):
    assert guarded(line, how="above") == after


def test_an_exponent_is_kept_below_what_overflows():
    after = "rate = torch.exp(net(x).clamp(max=80.0))"
    assert guarded("rate = torch.exp(net(x))", "exp", "below", 80.0) == after


def test_every_operation_of_the_line_is_guarded():
    line = "loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()"
    after = "loss = -(y * torch.log(p + 1e-8) + (1 - y) * torch.log(1 - p + 1e-8)).mean()"
    assert guarded(line, count=2) == after


def test_a_number_of_rows_and_numpys_functions_are_left_alone():
    assert guarded("r = (a / b).sum() / len(a)", "truediv", count=2) == (
        "r = (a / (b + 1e-8)).sum() / len(a)"
    )
    assert guarded("r = p.log() * np.log(2)") == "r = (p + 1e-8).log() * np.log(2)"


def test_only_the_line_that_ran_is_touched_in_a_loss_over_several_lines():
    text = code("""
        loss = -(
            y * torch.log(p)
            + (1 - y) * torch.log(1 - p)
        ).mean()
    """)
    edit = GuardOperand(where(text, "(1 - p)"), "log", "add", 1e-8, 1)
    assert changes(text, edit) == (
        "-    + (1 - y) * torch.log(1 - p)\n+    + (1 - y) * torch.log(1 - p + 1e-8)"
    )


def test_one_division_among_several_cannot_be_told():
    with pytest.raises(Unpatchable, match=r"which truediv at .* is meant"):
        guarded("r = a / b / c", "truediv", count=1)


def test_an_operation_out_of_sight_is_said():
    with pytest.raises(Unpatchable, match="no log is visible"):
        guarded("loss = criterion(p, y)")


def test_a_root_in_a_denominator_is_guarded_inside_and_out():
    text = "unit = v / length ** 0.5\n"
    edits = [GuardOperand(where(text, "unit"), name, "add", 1e-8, 1) for name in ("truediv", "pow")]
    assert changes(text, *edits) == (
        "-unit = v / length ** 0.5\n+unit = v / ((length + 1e-8) ** 0.5 + 1e-8)"
    )
