"""Sigmoid and BCELoss stand apart: where the sigmoid rounds to 0 or 1, wrong rows pass no gradient.

## What happens

The loss stands at a number like 50 or 41.5 and does not move by a digit. That is 100 times the share
of wrong rows: BCELoss caps the loss of a row at 100, since the logarithm of 0 is not a number.

## Why it stops learning

In float32 a sigmoid above 17 is exactly 1. Its slope there is exactly 0, so a row that is wrong with
full confidence, which needs the largest correction of all, gets none. From the logit, the same loss
has the gradient 1 for such a row, and never rounds.

## When it is fine

While logits stay small: then sigmoid and BCELoss give the same numbers as the loss from logits.

## How it is proved

Rows whose probability is exactly 0 or 1, and wrong, are counted. The trial trains the same networks with
the sigmoid inside the loss. The patch is not applied unasked: the network then returns logits, and
what reads its output must apply the sigmoid itself.

## Example

```diff
 import torch
 import torch.nn.functional as F
 from torch import nn


 class Ticks(nn.Module):
     def __init__(self):
         super().__init__()
         self.score = nn.Linear(1, 4)
         self.threshold = nn.Parameter(torch.zeros(1))

     def forward(self, sound):
         events = F.softplus(self.score(sound.unsqueeze(2))).sum(dim=(1, 2))
-        return torch.sigmoid(events - self.threshold)
+        return events - self.threshold


 # 100 recordings of 40 samples; every other one has three ticks in it
 ticking = (torch.arange(100) % 2).float()
 sound = 0.3 * torch.randn(100, 40)
 sound[:, :3] += 3 * ticking[:, None]

 net = Ticks()
-criterion = nn.BCELoss()
+criterion = nn.BCEWithLogitsLoss()
 optimizer = torch.optim.Adam(net.parameters(), lr=0.05)

 for epoch in range(300):
     optimizer.zero_grad()
     loss = criterion(net(sound), ticking)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, *torch.nn.BCELoss* (logarithms are clamped at −100) and *BCEWithLogitsLoss*.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 6.2.2.2, on sigmoid outputs.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import UseLogits
from unstuck.core.finding import Evidence, Finding
from unstuck.core.layers import compared_by
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Op
from unstuck.core.transform import with_logits
from unstuck.rules.places import written

NONE = 0.0  # of the rows: a single one that is exactly wrong gets no gradient; rounding is exact


def check(view: View) -> Iterator[Finding]:
    """Look for probabilities that are exactly 0 or 1, and wrong, in front of BCELoss."""
    sigmoid, table = _sigmoid(view), view.table("sigmoid_exact")
    if sigmoid is None:
        return
    index = max((0, -1), key=lambda at: table.at(table.sites[0], at))
    share = table.at(table.sites[0], index)
    if not share > NONE:
        return
    when = "before the first step" if table.steps[index] == 0 else "at the end"
    yield Finding(
        rule.code,
        rule.name,
        f"for {share:.0%} of the rows the sigmoid is exactly 0 or 1, and wrong, {when}: the gradient of"
        " these rows is zero. Without them the loss could go on falling from logits",
        (Evidence("sigmoid_exact", share, NONE, "of the rows", step=table.steps[index]),),
        view.line("loss"),
        (_remedy(view, sigmoid),),
        confidence=0.8,
    )


def _sigmoid(view: View) -> Op | None:
    """Return the sigmoid that makes the prediction, if BCELoss reads it."""
    program = view.setup.program
    made = next((op for op in program.ops if program.prediction in op.outs), None)
    readers = compared_by(program)
    if made is None or made.short.rstrip("_") != "sigmoid" or "binary_cross_entropy" not in readers:
        return None
    return made


def _remedy(view: View, sigmoid: Op) -> Change:
    place, loss = written(view, sigmoid), view.line("loss")
    known = place is not None and loss is not None
    return Change(
        rule.name,
        "drop the sigmoid and compute the loss from logits"
        + (" (from_logits=True)" if view.framework == "keras" else " (BCEWithLogitsLoss)"),
        with_logits,
        (UseLogits(place, loss, view.line("loss_built")),) if place and loss else (),
        Safety.UNSAFE if known else Safety.SHOW,
        Kind.SETTING,
    )


rule = Rule(
    "L002",
    "sigmoid-bce-saturation",
    ("setup", "sigmoid_exact"),
    check,
    __doc__,
)
