"""What the script compares for equality: the last tensors of each line, and the inputs at hand."""

import numpy as np
import pytest

SOURCE = """\
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(30, 2)
y = (x[:, 0] > 0).long()
net = nn.Linear(2, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(20):
    opt.zero_grad()
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
    LATER
COMPARE
"""


def seen(watch, compare="", later="pass", **options):
    source = SOURCE.replace("COMPARE", compare).replace("LATER", later)
    return watch(source, **options).recording.comparisons


@pytest.mark.parametrize(
    "compare",
    [
        "net(x).argmax(1) == y",
        "net(x).argmax(1) != y",
        "net(x).argmax(1).eq(y)",
        "net(x).argmax(1).ne(y)",
    ],
)
def test_a_comparison_is_kept_with_its_line_its_sides_and_its_inputs(watch, compare):
    [one] = seen(watch, compare)
    assert (one.where.line, one.step) == (14, 20)
    assert one.shapes == ((30,), (30,)) and one.left.dtype == one.right.dtype == np.int64
    assert any(given.shape == (30, 2) for given in one.inputs)


def test_sides_stay_as_they_were_compared(watch):
    [one] = seen(watch, "p = torch.ones(30)\np == y\np.zero_()")
    assert one.left.tolist() == [1.0] * 30


def test_inputs_are_found_in_the_frames_around_a_function(watch):
    compare = "def share(a, b):\n    return (a == b).float().mean()\nshare(net(x).argmax(1), y)"
    [one] = seen(watch, compare)
    assert one.where.line == 15
    assert [given.shape for given in one.inputs] == [(30, 2)]


def test_outputs_at_hand_are_kept(watch):
    compare = "out = net(x[:9])\nwhole = out.long()\nout.argmax(1) == y[:9]"
    [one] = seen(watch, compare)
    assert [made.shape for made in one.outputs] == [(9, 2)]


@pytest.mark.parametrize(
    "compare",
    [
        "y == 1",
        "y == y",
        "y[:, None] == y",
        "y == torch.tensor(1)",
        "y[:1] == torch.ones(1)",
        "y == None",
        "torch.vmap(lambda a, b: a == b)(y, y + 1)",
    ],
)
def test_what_is_no_comparison_of_two_sides_with_rows_is_not_kept(watch, compare):
    assert seen(watch, compare) == ()


def test_the_last_ones_of_a_line_are_kept(watch):
    found = seen(watch, later="net(x).argmax(1) == y")
    assert [one.where.line for one in found] == [13] * 4
    assert found[-1].step > 10


def test_what_was_compared_before_the_first_update_is_not_kept(watch):
    source = SOURCE.replace("for step", "print((net(x).argmax(1) == y).sum())\nfor step")
    assert watch(source.replace("COMPARE", "").replace("LATER", "pass")).recording.comparisons == ()


def test_a_mode_that_passes_a_comparison_on_does_not_make_two_of_it(watch):
    found = seen(watch, later="if step < 2: net(x).argmax(1) == y")  # while the tape is on
    assert [one.step for one in found] == [1, 2]


@pytest.mark.parametrize("name", ["eq", "ne"])
def test_functions_are_seen_in_the_steps_that_are_watched_closely(watch, name):
    found = seen(watch, later=f"torch.{name}(net(x).argmax(1), y)")
    assert len(found) == 4
    assert found[-1].step > 10 and found[-1].where.line == 13


def test_of_many_rows_the_first_are_kept(watch):
    [one] = seen(watch, "torch.ones(5000) == torch.zeros(5000)")
    assert one.shapes == ((5000,), (5000,)) and len(one.left) == len(one.right) == 2048


def test_without_rows_no_comparison_is_stored(watch):
    assert seen(watch, "net(x).argmax(1) == y", no_data=True) == ()
