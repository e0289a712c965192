"""What rows were before they became whole numbers."""

import numpy as np
import pytest

SOURCE = """\
import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.rand(30, 2) + 0.2, torch.rand(30, 1)
CAST
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(3):
    opt.zero_grad()
    loss = (net(x.float()) - y).pow(2).mean()
    loss.backward()
    opt.step()
"""


def seen(watch, cast):
    watched = watch(SOURCE.replace("CAST", cast))
    setup = watched.setup
    [given], [asked] = setup.program.inputs, setup.program.targets
    return watched.recording, setup.data, given, asked


@pytest.mark.parametrize(
    "cast",
    [
        "x = x.int()",
        "x = x.to(torch.uint8)",
        "x = x // 1",
        "x = torch.tensor(x.tolist(), dtype=int)",
    ],
)
def test_a_cast_of_torch_is_noted_with_its_line(watch, cast):
    recording, data, given, _ = seen(watch, cast)
    assert np.array_equal(np.trunc(data.originals[given]), data.rows[given])
    assert data.originals[given].dtype == data.rows[given].dtype == np.float32
    assert 0.2 <= data.originals[given].min() < data.originals[given].max() <= 1.2
    assert recording.lines["input_cast"].line == 7


def test_targets_have_a_line_of_their_own(watch):
    recording, data, given, asked = seen(watch, "y = (y * 3).long().float()")
    assert given not in data.originals
    assert np.array_equal(np.trunc(data.originals[asked]), data.rows[asked])
    assert "input_cast" not in recording.lines and recording.lines["target_cast"].line == 7


def test_the_first_rows_of_a_larger_cast_are_known(watch):
    _, data, given, _ = seen(watch, "x, y = x.int()[:25], y[:25]")
    assert data.originals[given].shape == (25, 2)


def test_what_numpy_cast_is_found_in_a_variable(watch):
    recording, data, given, _ = seen(
        watch, "raw = x.numpy(); x = torch.tensor(raw.astype(np.uint8))"
    )
    assert np.array_equal(np.trunc(data.originals[given]), data.rows[given])
    assert "input_cast" not in recording.lines


def test_zeros_are_not_taken_for_the_whole_part_of_whatever_lies_below_one(watch):
    assert seen(watch, "points = torch.rand(30, 1); y = torch.zeros(30, 1)")[1].originals == {}


@pytest.mark.parametrize(
    "cast", ["", "x = x.round().int()", "z = x.int()", "x = (x > 0.7).float()"]
)
def test_what_lost_nothing_has_no_originals(watch, cast):
    assert seen(watch, cast)[1].originals == {}
