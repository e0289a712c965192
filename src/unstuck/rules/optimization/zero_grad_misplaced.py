"""Gradients are cleared between backward and step, so every update is made of nothing.

## What happens

`backward()` fills the gradients, the next line empties them again, and `step()` finds none. The loss
differs a little between batches, but never falls.

## Why it stops learning

It never starts. SGD moves by the rate times zero; Adam skips parameters without a gradient. Whatever
else is set, width, rate or number of epochs, the weights stay as they were drawn (weight decay and
leftover momentum aside).

## When it is fine

Never between `backward()` and `step()`. Directly before `backward()`, or after `step()`, are both right.

## How it is proved

The norm of the gradient when backward has ended is compared with its norm when the update is made. The
trial trains the same networks with gradients cleared before each backward pass instead.

## Example

```diff
 import torch
 import torch.nn.functional as F
 from torch import nn


 class Iris(nn.Module):
     def __init__(self):
         super().__init__()
         self.hidden = nn.Linear(4, 16)
         self.out = nn.Linear(16, 3)

     def forward(self, x):
         return self.out(torch.relu(self.hidden(x)))


 # three kinds of flowers, each around its own mean
 centres = torch.tensor([[1.5, 0.0, -1.0, 0.5], [-1.0, 1.0, 0.5, 1.0], [0.0, -1.5, 1.0, -1.0]])
 kind = torch.arange(120) % 3
 x = centres[kind] + 0.3 * torch.randn(120, 4)

 net = Iris()
 opt = torch.optim.Adam(net.parameters(), lr=0.01)
 for epoch in range(200):
     loss = F.cross_entropy(net(x), kind)
+    opt.zero_grad()
     loss.backward()
-    opt.zero_grad()
     opt.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, *torch.optim.Optimizer.zero_grad* (gradients become None) and *step*.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import MoveClear
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import clearing

KEPT = 1e-6  # of the gradient at the update: clearing leaves 0, the tightest clipping far more


def check(view: View) -> Iterator[Finding]:
    """Compare the gradient that backward leaves with the one that the update finds."""
    made, used = (_usual(view, name) for name in ("gradient_after_backward", "gradient_at_step"))
    if not made > 0 or not used / made < KEPT:
        return
    yield Finding(
        rule.code,
        rule.name,
        f"gradients are cleared before they are used: backward leaves a gradient of norm {made:.3g},"
        f" and the update finds one of norm {used:.3g}",
        (Evidence("gradient_at_step", used / made, KEPT, "of the gradient", above=False),),
        view.line("clear") or view.line("step"),
        (_remedy(view),),
        severity="high",
        confidence=0.98,
    )


def _usual(view: View, quantity: str) -> float:
    """Return the median norm over the watched steps; NaN where none was measured."""
    norms = view.table(quantity).values[:, 0]
    norms = norms[np.isfinite(norms)]
    return float(np.median(norms)) if norms.size else float("nan")


def _remedy(view: View) -> Change:
    clear, backward = view.line("clear"), view.line("backward")
    edits = (MoveClear(clear, backward),) if clear and backward else ()
    return Change(
        rule.name,
        "clear the gradients before the backward pass, not after it",
        clearing,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.BUG,
    )


rule = Rule(
    "O002",
    "zero-grad-misplaced",
    ("gradient_after_backward", "gradient_at_step"),
    check,
    __doc__,
)
