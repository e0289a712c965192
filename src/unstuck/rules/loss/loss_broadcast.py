"""Prediction and target differ in shape, so the loss compares every prediction with every target.

## What happens

The network returns (N, 1), the target has the shape (N,). Subtracted, they are stretched to (N, N):
each prediction is compared with the targets of *all* rows. The loss falls a little, and the network
ends up predicting one number for everything.

## Why it stops learning

The best answer to all targets at once is their mean. That is what the network learns, and very well;
only the question was the wrong one. torch warns for some losses and is silent for hand-written ones.

## When it is fine

When one target is meant for all rows, or one prediction for all targets: then only one of the two is
stretched, and no row meets another row's target.

## How it is proved

The elements of the broadcast loss are counted: there are more than either operand has. The trial trains
the same networks with the target brought to the prediction's shape.

## Example

```diff
 import torch
 from torch import nn


 class Tides(nn.Module):
     def __init__(self):
         super().__init__()
         self.layers = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))

     def forward(self, x):
         return self.layers(x)


 # height of the tide from the phases of moon and sun
 phases = 2 * torch.rand(150, 2) - 1
 height = torch.cos(3 * phases[:, 0]) + 0.5 * torch.cos(3 * phases[:, 1])

 net = Tides()
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(net.parameters(), lr=0.02)

 for epoch in range(400):
     pred = net(phases)
-    loss = loss_fn(pred, height)
+    loss = loss_fn(pred.squeeze(-1), height)
     optimizer.zero_grad()
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, *Broadcasting semantics*; the warning of *torch.nn.functional.mse_loss* about
  a target size that differs from the input size.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import MatchShapes
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import matched_shapes

ONE_EACH = 1.0  # elements of the loss for each of the larger operand: exact, shapes have no noise


def check(view: View) -> Iterator[Finding]:
    """Look for a loss with more elements than prediction or target have."""
    pairs = view.value("loss_pairs")
    if not pairs > ONE_EACH:
        return
    shapes = _shapes(view)
    between = f" ({_spoken(shapes[0])} against {_spoken(shapes[1])})" if shapes else ""
    yield Finding(
        rule.code,
        rule.name,
        f"prediction and target differ in shape{between}: the loss compares each prediction with"
        f" {pairs:.0f} targets, which are those of other rows",
        (Evidence("loss_pairs", pairs, ONE_EACH, "comparisons a prediction"),),
        view.line("loss"),
        (_remedy(view, shapes),),
        severity="high",
        confidence=0.98,
    )


def _shapes(view: View) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return the shapes of prediction and target in one batch, None where they are not certain."""
    setup = view.setup
    if not setup.program.targets or setup.program.targets[0] not in setup.data.rows:
        return None
    target = (setup.plan.batch, *setup.data.rows[setup.program.targets[0]].shape[1:])
    if len(target) == 1:
        return (*target, 1), target
    if len(target) == 2 and target[1] == 1:
        return target[:1], target
    return None


def _spoken(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _remedy(view: View, shapes: tuple[tuple[int, ...], tuple[int, ...]] | None) -> Change:
    line = view.line("loss")
    edits = (MatchShapes(line, *shapes),) if line and shapes else ()
    return Change(
        rule.name,
        "give prediction and target the same shape",
        matched_shapes,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.BUG,
    )


rule = Rule("L001", "loss-broadcast", ("setup", "loss_pairs"), check, __doc__)
