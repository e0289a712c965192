"""The optimizer is built anew inside the loop, so that nothing it remembers ever acts.

## What happens

An optimizer keeps a state for each weight: a velocity, a mean of the gradients, a mean of their
squares. Where it is built inside the loop, or in a function that the loop calls, each update begins
with an empty one.

## Why it stops learning

The first step of Adam is the rate times the *sign* of the gradient, whatever its size; with a new Adam
at each update every step is such a step. All weights jump by the whole rate each time, and the network
rattles around its minimum without coming down to it. The first step of momentum has no momentum:
with 0.9 the network travels a tenth of the way that its author meant.

## When it is fine

With plain SGD, which remembers nothing. Or when training goes on in a few long phases, each with an
optimizer of its own: that is how frozen layers are released.

## How it is proved

The optimizers that update the same weights are counted. The trial trains the same networks with one
optimizer from the first to the last update.

## Example

```diff
 import torch
 from torch import nn

 # viscosity of an oil (standardised) from its temperature and the load on it
 conditions = torch.rand(120, 2) * 2 - 1
 viscosity = torch.sin(3 * conditions[:, :1]) * conditions[:, 1:]

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
+optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for step in range(1000):
-    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
     optimizer.zero_grad()
     loss = loss_fn(model(conditions), viscosity)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Kingma and Ba (2015), *Adam: A Method for Stochastic Optimization*, arXiv:1412.6980, algorithm 1.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 8.3.2, on momentum.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import HoistOptimizer
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Optimizer
from unstuck.core.transform import kept_optimizer
from unstuck.rules.goal import missed

MEMORY = 1000  # updates: a second moment of .999 forgets in as many, a usual velocity in ten


def check(view: View) -> Iterator[Finding]:
    """Look for an optimizer that is replaced before what it remembers can matter."""
    loop, optimizer, short = view.setup.loop, view.setup.optimizer, missed(view)
    if (
        short is None
        or not loop.recreated
        or loop.recreated_every >= MEMORY
        or not _remembers(optimizer)
    ):
        return
    every = loop.recreated_every
    often = (
        f"at each of {view.setup.plan.steps} updates" if every == 1 else f"every {every} updates"
    )
    yield Finding(
        rule.code,
        rule.name,
        f"the optimizer ({optimizer.kind}) is built anew {often}, and begins with an empty memory",
        (Evidence("setup", every, MEMORY, "updates an optimizer", above=False), short),
        view.line("optimizer"),
        (_remedy(view),),
        severity="high" if every == 1 else "medium",
        confidence=0.9 if every == 1 else 0.5,
    )


def _remembers(optimizer: Optimizer) -> bool:
    """Whether an update depends on earlier ones; plain SGD forgets at once."""
    plain = not any(group.get("momentum") for group in optimizer.groups)
    return not optimizer.by_hand and not (optimizer.kind == "SGD" and plain)


def _remedy(view: View) -> Change:
    built, step = view.line("optimizer"), view.line("step")
    edits = (HoistOptimizer(built, step),) if built and step else ()
    return Change(
        rule.name,
        "build the optimizer once, before the loop",
        kept_optimizer,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.BUG,
    )


rule = Rule("O006", "optimizer-recreated", ("setup", "ladder"), check, __doc__)
