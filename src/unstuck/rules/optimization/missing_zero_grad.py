"""Gradients of earlier updates are never cleared, so every update repeats all of them.

## What happens

`backward()` adds to the gradients that are there already. Without `zero_grad()` each update follows
the sum of the gradients of *all* steps so far, not the gradient of the present loss. The sum keeps
pointing where the network came from, long after it should have turned. The line `optimizer.zero_grad`
without its parentheses clears nothing either.

## Why it stops learning

It is momentum that never fades: with the friction gone, gradient descent becomes an undamped
oscillator. The weights swing past every minimum, further each time where batches are noisy. A smaller
rate makes the swing slower, not smaller. Only a run that stops within the first swing gets away with it.

## When it is fine

When it is meant: several backward passes, then one update, then a clear. What counts is the *effect*:
a gradient that is left over from before the last update. Accumulation within an update has none.

## How it is proved

The gradient just before the first backward pass after an update is compared with what the pass adds;
cleared gradients give 0. The trial trains the same networks with gradients cleared before each
backward pass.

## Example

```diff
 import torch
 from torch import nn
 from torch.utils.data import DataLoader, TensorDataset

 # strength of a mortar from three measured parts (all standardised)
 x = torch.randn(128, 3)
 y = (x[:, :1] + 0.5 * x[:, 1:2]).tanh() * x[:, 2:]
 loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)

 model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(100):
     for xb, yb in loader:
         loss = loss_fn(model(xb), yb)
+        optimizer.zero_grad()
         loss.backward()
         optimizer.step()
     print(epoch, loss.item())
```

## References

- PyTorch documentation, *torch.optim.Optimizer.zero_grad* and *torch.Tensor.backward*.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 8.3.2, on momentum and its friction.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import ClearGradients
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import clearing

LEFT_OVER = 0.01  # of the fresh gradient: cleared loops have 0, uncleared ones 1 and growing


def check(view: View) -> Iterator[Finding]:
    """Compare what was left in the gradients with what each pass added, from the second update on."""
    table = view.table("stale_gradient")
    later = np.array(
        [value for step, value in zip(table.steps, table.values[:, 0], strict=True) if step]
    )
    later = later[np.isfinite(later)]
    if not later.size or np.median(later) <= LEFT_OVER:
        return
    usual = float(np.median(later))
    yield Finding(
        rule.code,
        rule.name,
        "gradients are not cleared between updates: when a backward pass begins, what is left of"
        f" earlier updates is already {usual:.3g} times as large as what the pass adds",
        (Evidence("stale_gradient", usual, LEFT_OVER, "times the fresh gradient"),),
        view.line("backward"),
        (_remedy(view),),
        severity="high",
        confidence=0.95,
    )


def _remedy(view: View) -> Change:
    backward = view.line("backward")
    update = view.line("step")
    built = None if update else view.line("optimizer")
    edits = (ClearGradients(backward, update, built),) if backward else ()
    return Change(
        rule.name,
        "clear the gradients before each backward pass",
        clearing,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.BUG,
    )


rule = Rule("O001", "missing-zero-grad", ("stale_gradient",), check, __doc__)
