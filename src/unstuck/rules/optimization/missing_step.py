"""Gradients are computed, but no update is ever made: `step()` is missing.

## What happens

The loss is the same at every pass over the same rows. No weight differs from where it began when the
loop ends.

## Why it stops learning

`backward()` fills the gradients and changes no weight. That is what `optimizer.step()` does, and the
loop never calls it: the line is missing, or names the method without calling it.

## When it is fine

Where gradients are wanted for themselves: to see which inputs matter, to attack a network, or to
gather many small batches before an update. There is then no optimizer, or it steps in the end.

## How it is proved

Backward passes are counted, and updates; an optimizer that holds the parameters was built. The trial
trains the same networks with an update after each pass.

## Example

```diff
 import torch
 from torch import nn

 # taste of a cup of tea (standardised) from the water's heat and the time that it draws
 x = torch.rand(120, 2) * 2 - 1
 y = torch.sin(3 * x[:, :1]) * x[:, 1:]

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for step in range(500):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
+    optimizer.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, *torch.optim*, "Taking an optimization step".
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import AddStep
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import stepping
from unstuck.rules.goal import missed

ONE = 1  # update at least: with none, no weight can change


def check(view: View) -> Iterator[Finding]:
    """Look for passes that no update followed."""
    short = missed(view)
    if short is None or view.setup.loop.steps:
        return
    yield Finding(
        rule.code,
        rule.name,
        f"after {view.setup.plan.steps} backward passes the optimizer ({view.setup.optimizer.kind})"
        " has made no update: its step() is never called",
        (Evidence("setup", 0, ONE, "updates", above=False), short),
        view.line("backward"),
        (_remedy(view),),
        severity="high",
        confidence=0.95,
    )


def _remedy(view: View) -> Change:
    built, backward = view.line("optimizer"), view.line("backward")
    clear = view.setup.loop.clears == "later"
    edits = (AddStep(built, backward, clear),) if built and backward else ()
    return Change(
        rule.name,
        "call the optimizer's step() after each backward pass"
        + (", and clear the gradients" if clear else ""),
        stepping,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.BUG,
    )


rule = Rule("O010", "missing-step", ("setup", "ladder"), check, __doc__)
