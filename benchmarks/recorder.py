"""What watching costs: time a step, and memory."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Measured, plain, ratio, watched

LOOP = """\
import resource, time
import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)
x, y = torch.randn(ROWS, 32), torch.randn(ROWS, 1)
net = nn.Sequential(nn.Linear(32, WIDE), nn.ReLU(), nn.Linear(WIDE, WIDE), nn.ReLU(), nn.Linear(WIDE, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
mse = nn.MSELoss()
for step in range(STEPS):
    if step == 20:  # what torch imports at its first update is not part of the loop
        began = time.process_time()
    optimizer.zero_grad()
    loss = mse(net(x), y)
    loss.backward()
    optimizer.step()
print(time.process_time() - began)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def loop(rows: int, wide: int, steps: int) -> str:
    text = LOOP.replace("ROWS", str(rows)).replace("WIDE", str(wide))
    return text.replace("STEPS", str(steps))


def measured() -> Iterator[Measured]:
    for goal, pairs, rows, wide, steps in ((1.10, 5, 64, 128, 3020), (1.03, 3, 1024, 512, 220)):
        times, alone = ratio(loop(rows, wide, steps), pairs)
        each = 1000 * alone / (steps - 20)
        how = f"{steps - 20:,} steps of {each:.2f} ms, median of {pairs} pairs"
        yield Measured("a watched run against a plain one", times, goal, "x", how=how)
    peaks = {}
    for steps in (500, 50_000):
        source = loop(16, 16, steps)
        peaks[steps] = watched(source)[1] - plain(source)[1]
        how = f"{steps:,} steps"
        yield Measured(
            "memory of a watched run above a plain one's", peaks[steps], 100, " MB", how=how
        )
