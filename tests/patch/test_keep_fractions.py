"""Casts to whole numbers are taken out, each in the way that it was written."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import KeepFractions
from unstuck.patch import Unpatchable

SCRIPT = code("""
    x, y = load()
    LINE
    for step in range(100):
        loss = loss_fn(net(x.float()), y)
        loss.backward()
""")


def mended(line):
    text = SCRIPT.replace("LINE", line)
    return changes(text, KeepFractions((where(text, line),)))


@pytest.mark.parametrize("line", ["x = x.int()", "x = x.to(torch.uint8)", "x = x.long()"])
def test_a_line_that_does_nothing_else_goes(line):
    assert mended(line) == f"-{line}"


@pytest.mark.parametrize(
    ("sick", "healthy"),
    [
        ("y = y.long().float()", "y = y.float()"),
        ("x = (x / 255).to(torch.int64)  # pixels", "x = (x / 255)  # pixels"),
        ("x = pixels // 255", "x = pixels / 255"),
        ("x = x // 255.0 - 0.5", "x = x / 255.0 - 0.5"),
        (
            "y = torch.tensor(shares, dtype=torch.long)",
            "y = torch.tensor(shares, dtype=torch.float32)",
        ),
        ("y = tensor(shares, dtype=int64)", ""),
        ("data = TensorDataset(x.byte().float(), y)", "data = TensorDataset(x.float(), y)"),
        ("y = y.type(torch.LongTensor).view(-1, 1)", "y = y.view(-1, 1)"),
        ("y = y.to(dtype=torch.int32)[:, None]", "y = y[:, None]"),
    ],
)
def test_the_cast_goes_and_the_rest_stays(sick, healthy):
    if not healthy:
        with pytest.raises(Unpatchable, match="no cast is visible"):
            mended(sick)
    else:
        assert mended(sick) == f"-{sick}\n+{healthy}"


def test_which_of_two_casts_is_not_guessed():
    with pytest.raises(Unpatchable, match="more than one cast"):
        mended("x, y = x.int(), y.int()")


def test_a_move_to_another_device_is_no_cast():
    with pytest.raises(Unpatchable, match="no cast"):
        mended("x = x.to(device)")


def test_a_cast_over_several_lines_is_found():
    text = code("""
        x = (
            load()
            .clamp(0, 1)
            .int()
            .float()
        )
    """)
    assert changes(text, KeepFractions((where(text, "x = ("),))) == "-    .int()"
