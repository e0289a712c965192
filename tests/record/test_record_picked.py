"""One value of each row, picked by a running number and a label: `scores[arange(n), y]`."""

import pytest
import torch

from unstuck.replay import interpret

SOURCE = """\
import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(30, 3), torch.randint(0, 4, (30,))
net = nn.Linear(3, 4)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
count = torch.arange(10)
for step in range(6):
    a, b = x[:10], y[:10]
    opt.zero_grad()
    scores = torch.log_softmax(net(a), 1)
    loss = -PICKED.mean()
    loss.backward()
    opt.step()
"""


@pytest.mark.parametrize(
    "picked",
    ["scores[torch.arange(10), b]", "scores[range(10), b]", "scores[count, b]", "scores[list(range(10)), b]"],
)  # fmt: skip
def test_each_row_meets_its_own_label_in_any_number_of_rows(watch, picked):
    program = watch(SOURCE.replace("PICKED", picked)).setup.program
    assert (len(program.inputs), len(program.targets), program.constants) == (1, 1, {})
    weight, bias, x = torch.randn(4, 3), torch.randn(4), torch.randn(7, 3)
    y = torch.tensor([0, 3, 1, 1, 2, 0, 3])
    slots = [s for op in program.ops for s in op.slots() if s not in program.inputs]
    weights = dict(zip(slots[:2], (weight, bias), strict=True))
    rows = {program.inputs[0]: x, program.targets[0]: y}
    found = interpret(program)(weights, rows, (program.loss,))[program.loss]
    assert found == pytest.approx(torch.nn.functional.cross_entropy(x @ weight.T + bias, y))


def test_another_order_of_the_rows_is_left_as_it_is(watch):
    seen = watch(SOURCE.replace("PICKED", "scores[count.flip(0), b]"))
    assert any(op.short == "__getitem__" for op in seen.setup.program.ops)
