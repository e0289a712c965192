"""The loss does not fit the task: its sign, its targets or what it is given are not those that it is for.

## What happens

The loss falls without end, below zero and far beyond, and the predictions are useless. Or it is exactly zero
from the first step on, and nothing moves.

## Why it stops learning

A loss measures what was meant only for what it is for. NLLLoss takes logarithms of shares: of raw scores it
is minus the score of the right class, which grows best by growing all scores. BCE takes targets 0 and 1: with
-1 in their place it has no lowest value. Negated, a loss rewards being wrong. A cross-entropy over the one
output of a yes-or-no network has nothing to choose between: it is zero for every answer. And a squared error
between the outputs for all classes and the number of the right one asks all of them for the same.

## When it is fine

With a minus that belongs there: minus a log-likelihood, minus a reward. With `maximize=True` and a quantity
that is to grow.

## How it is proved

The loss is compared with known formulas on random predictions, and what it is given with what these take. The
trial trains the same networks under the loss that was meant, and judges both by that one.

## Example

```diff
 import torch
 import torch.nn.functional as F
 from torch import nn


 class Leaves(nn.Module):
     def __init__(self):
         super().__init__()
         self.hidden = nn.Linear(2, 32)
         self.scores = nn.Linear(32, 3)

     def forward(self, x):
         return self.scores(F.relu(self.hidden(x)))


 # which of three trees is a leaf from? by its length and width (both standardised)
 leaves = torch.randn(240, 2)
 tree = (leaves.norm(dim=1) > 0.8).long() + (leaves.norm(dim=1) > 1.5).long()

 model = Leaves()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(250):
-    loss = F.nll_loss(model(leaves), tree)
+    loss = F.cross_entropy(model(leaves), tree)
     optimizer.zero_grad()
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, *torch.nn.NLLLoss* (the input is expected to contain log-probabilities),
  *torch.nn.BCEWithLogitsLoss* and *torch.nn.CrossEntropyLoss*.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 6.2.2, on outputs and their losses.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.misfit import (
    NAME,
    class_numbers,
    climbing,
    no_choice,
    outside,
    raw_scores,
    unlike_logs,
)


def check(view: View) -> Iterator[Finding]:
    """Ask of the sign, of what the loss is given, and of its targets whether they fit."""
    for question in (climbing, unlike_logs, outside, no_choice, class_numbers, raw_scores):
        found = question(view)
        if found is None:
            continue
        message, evidence, change = found
        yield Finding(
            rule.code,
            rule.name,
            message,
            (evidence,),
            view.line("loss"),
            () if change is None else (change,),
            severity="high",
            confidence=0.95,
        )


rule = Rule("L005", NAME, ("setup", "loss_fit"), check, __doc__)
