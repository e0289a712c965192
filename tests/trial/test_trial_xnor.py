"""The shares of starts that learn XNOR, against those measured with single networks (the first case).

Measured: 4 inputs, two hidden layers of these widths, sigmoid, cross-entropy; SGD 0.1, 1000 steps of
all four rows; below 0.05 in the end. Cleared, and in a loop that never clears its gradients.
"""

import pytest

from unstuck.theory.interval import share_interval
from unstuck.trial.ensemble import Course, train

SCRIPT = """\
import torch
from torch import nn

X = torch.tensor([[0., 1., 1., 0.], [1., 0., 0., 1.], [0., 1., 0., 1.], [1., 0., 1., 0.]])
X = (X - X.mean(0)) / X.std(0)
y = torch.tensor([[1.], [1.], [0.], [0.]])
net = nn.Sequential(nn.Linear(4, WIDE), nn.ReLU(), nn.Linear(WIDE, WIDE), nn.ReLU(), nn.Linear(WIDE, 1), nn.Sigmoid())
bce = nn.BCELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(1000):
    CLEAR
    loss = bce(net(X), y)
    loss.backward()
    optimizer.step()
"""

MEASURED = {
    (2, True): 0.26, (2, False): 0.14,
    (4, True): 0.78, (4, False): 0.58,
    (8, True): 0.99, (8, False): 0.82,
}  # fmt: skip
MEMBERS = 512
ROUNDING = 0.005


@pytest.mark.parametrize(("width", "cleared"), MEASURED)
def test_the_share_that_learns_xnor_is_the_one_that_was_measured(recorded, width, cleared):
    source = SCRIPT.replace("WIDE", str(width))
    setup = recorded(source.replace("CLEAR", "optimizer.zero_grad()" if cleared else "pass"))
    assert setup.plan.steps == 1000
    assert setup.loop.clears == ("before" if cleared else "never")
    arm = train(setup, Course(0.05, MEMBERS, seed=11)).arm()
    low, high = share_interval(arm.learned, MEMBERS, level=0.999)
    assert low - ROUNDING <= MEASURED[width, cleared] <= high + ROUNDING, arm.share


def test_clearing_helps_more_starts_than_not(recorded):
    source = SCRIPT.replace("WIDE", "4")
    shares = [
        train(recorded(source.replace("CLEAR", line)), Course(0.05, 256, seed=5)).arm().share
        for line in ("optimizer.zero_grad()", "pass")
    ]
    assert shares[0] > shares[1]
