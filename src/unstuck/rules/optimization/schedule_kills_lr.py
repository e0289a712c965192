"""The schedule takes the learning rate to nothing before the work is done.

## What happens

The loss falls at first, then freezes, and whatever is left of the run changes nothing. The rate of
the last updates is a hundredth of the first one or far less.

## Why it stops learning

What a run can do is bounded by the sum of its rates. A schedule whose period is counted in epochs but
which is stepped at each batch, or a factor that looks close to one but acts hundreds of times (0.9 to
the power of 100 is 0.00003), spends that sum in the first moments.

## When it is fine

A rate that falls as the network settles finds a lower loss than a constant one. What counts is
whether the network has arrived by the time that the rate is gone.

## How it is proved

The rates of all updates are recorded, and their mean is compared with the largest. The trial trains
the same networks for as many steps at the rate that the optimizer was built with.

## Example

```diff
 import torch
 from torch import nn
 from torch.utils.data import DataLoader, TensorDataset

 # noise of a wind turbine (standardised) from the wind and the angle of its blades
 x = torch.rand(128, 2) * 2 - 1
 y = torch.sin(3 * x[:, :1]) * x[:, 1:]
 loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
-scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.5)

 for epoch in range(200):
     for xb, yb in loader:
         optimizer.zero_grad()
         loss = loss_fn(model(xb), yb)
         loss.backward()
         optimizer.step()
-        scheduler.step()
 print("loss", loss.item())
```

## References

- Robbins and Monro (1951), *A Stochastic Approximation Method*, Annals of Mathematical Statistics
  22:400: rates must not sum to a finite distance.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 8.3.1, on decaying rates.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import DropSchedule
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Setup
from unstuck.core.transform import unscheduled
from unstuck.rules.goal import missed

SPENT = 0.3  # of the largest rate, on average: a cosine or a line to zero have 0.5


def check(view: View) -> Iterator[Finding]:
    """Compare the mean of all rates with the largest."""
    short, factors = missed(view), view.setup.optimizer.schedule
    if short is None or not factors:
        return
    mean = share(view.setup)
    if not mean < SPENT:
        return
    last = factors[-1][1]
    yield Finding(
        rule.code,
        rule.name,
        f"the schedule takes the learning rate from {view.setup.optimizer.rate:g} to"
        f" {view.setup.optimizer.rate * last:.2g}: on average it is {mean:.2g} of the largest",
        (Evidence("setup", mean, SPENT, "of the largest rate, on average", above=False), short),
        view.line("optimizer"),
        (_remedy(view),),
        confidence=0.7,
    )


def share(setup: Setup) -> float:
    """Return the mean rate of all updates over the largest one."""
    steps, schedule = setup.plan.steps, setup.optimizer.schedule
    marks = [(0, 1.0), *schedule, (steps, 0.0)]
    spent = sum(
        factor * max(min(end, steps) - begin, 0)
        for (begin, factor), (end, _) in itertools.pairwise(marks)
    )
    used = [b for (begin, b), (end, _) in itertools.pairwise(marks) if min(end, steps) > begin]
    peak = max(used, default=0.0)
    return spent / (steps * peak) if steps and peak > 0 else 1.0


def _remedy(view: View) -> Change:
    built, step = view.line("optimizer"), view.line("step")
    edits = (DropSchedule(built, step),) if built and step else ()
    return Change(
        rule.name,
        "keep the learning rate as it is: without the schedule",
        unscheduled,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.SETTING,
    )


rule = Rule("O008", "schedule-kills-lr", ("setup", "ladder"), check, __doc__)
