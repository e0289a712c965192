"""Choices that the network's own values make (`error.abs() < 1`): they are operations, not data."""

import pytest
import torch

from unstuck.replay import interpret

SOURCE = """\
import torch
from torch import nn

def relu(h):
    return RELU

def cost(error):
    return COST

torch.manual_seed(0)
x, y = torch.randn(30, 3), 3 * torch.randn(30, 1)
first, second = nn.Linear(3, 8), nn.Linear(8, 1)
opt = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
for step in range(6):
    opt.zero_grad()
    out = second(relu(first(x)))
    with torch.no_grad():
        print(float(((out > 0) == (y > 0)).float().mean()))
    right = (out.sign() == y.sign()).sum()
    loss = cost(out - y)
    loss.backward()
    opt.step()
"""

RELUS = {
    "mask": "h * (h > 0).float()",
    "where": "torch.where(h > 0, h, 0.0 * h)",
    "kept": "h * torch.logical_not(h <= 0)",
    "filled": "h.masked_fill(h < 0, 0.0)",
}
COSTS = {
    "squares": "error.pow(2).mean()",
    "Huber": "torch.where(error.abs() < 1, 0.5 * error**2, error.abs() - 0.5).mean()",
    "both": "((error.abs() < 1) & (error > -1)).float().mul(error**2).mean() + error.abs().mean()",
    "quantile": "((0.3 - (error < 0).float()) * error).mean()",
}


@pytest.mark.parametrize("relu", RELUS)
@pytest.mark.parametrize("cost", COSTS)
def test_a_choice_is_made_anew_for_other_weights(watch, relu, cost):
    seen = watch(SOURCE.replace("RELU", RELUS[relu]).replace("COST", COSTS[cost]))
    program = seen.setup.program
    assert (len(program.inputs), len(program.targets)) == (1, 1) and not program.constants
    rows = {slot: torch.as_tensor(part) for slot, part in seen.setup.data.rows.items()}
    x, y = rows[program.inputs[0]], rows[program.targets[0]]
    random = torch.Generator().manual_seed(1)
    weights = {p.slot: torch.randn(p.start.shape, generator=random) for p in seen.setup.parameters}
    w1, b1, w2, b2 = (weights[p.slot] for p in seen.setup.parameters)
    scope = {"torch": torch, "error": torch.relu(x @ w1.T + b1) @ w2.T + b2 - y}
    wanted = eval(COSTS[cost], scope)
    made = interpret(program)(weights, rows, (program.loss,))[program.loss]
    assert torch.allclose(made, wanted, atol=1e-6)


def test_a_choice_that_the_script_overwrites_is_data(watch):
    relu = "h * keep(h)"
    text = SOURCE.replace("RELU", relu).replace("COST", COSTS["squares"])
    kept = "def keep(h):\n    mask = h > 0\n    mask[0] = True\n    return mask\n\n"
    seen = watch(text.replace("def relu", kept + "def relu"))
    assert any(part.dtype == bool for part in seen.setup.data.rows.values())
    assert "gt" not in {op.short for op in seen.setup.program.ops}
