"""What stacking networks saves: an ensemble against networks one after another in plain PyTorch."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Measured

SCRIPT = """\
import torch
from torch import nn

X = torch.tensor([[0., 1., 1., 0.], [1., 0., 0., 1.], [0., 1., 0., 1.], [1., 0., 1., 0.]])
X = (X - X.mean(0)) / X.std(0)
y = torch.tensor([[1.], [1.], [0.], [0.]])
net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1), nn.Sigmoid())
bce = nn.BCELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(STEPS):
    optimizer.zero_grad()
    loss = bce(net(X), y)
    loss.backward()
    optimizer.step()
"""
STEPS = 1000


def measured() -> Iterator[Measured]:
    from unstuck.record.folder import load
    from unstuck.runner import supervisor
    from unstuck.runner.job import Job
    from unstuck.trial.ensemble import Course, train

    with tempfile.TemporaryDirectory() as place:
        source = SCRIPT.replace("STEPS", str(STEPS))
        job = Job(
            kind="code", target=source, observer="unstuck.record.observer:start", stdout="captured"
        )
        supervisor.run(job, Path(place))
        setup = load(Path(place)).setup
    assert setup is not None
    short = dataclasses.replace(setup, plan=dataclasses.replace(setup.plan, steps=60))
    train(short, Course(0.0, 4, all_steps=True))  # what is imported at first
    for members, goal in ((64, 50), (1000, 200)):
        alone = min(_plain() for _ in range(3))
        began = time.process_time()
        train(setup, Course(0.0, members, all_steps=True))
        stacked = (time.process_time() - began) / (members * STEPS)
        how = f"{1e6 * alone:.0f} µs against {1e6 * stacked:.2f} µs a network and step, tracing included"
        what = f"an ensemble of {members:,} against a Python loop"
        yield Measured(what, alone / stacked, goal, "x", at_least=True, how=how)


def _plain() -> float:
    """Processor seconds a step of one network in plain PyTorch."""
    import torch

    torch.set_num_threads(1)
    steps = 400
    scope: dict[str, object] = {}
    head, body = SCRIPT.replace("STEPS", str(steps)).split("for epoch", maxsplit=1)
    exec(head, scope)
    exec("for epoch" + body.replace(str(steps), "30"), scope)
    began = time.process_time()
    exec("for epoch" + body, scope)
    return (time.process_time() - began) / steps
