"""BCEWithLogitsLoss is given probabilities: the sigmoid is applied twice.

## What happens

The loss falls from 0.7 to about 0.5 and stays there, however long it trains and however easy the task.

## Why it stops learning

BCEWithLogitsLoss applies a sigmoid to what it is given. A number between 0 and 1 becomes a probability
between 0.5 and 0.73: the loss can never say that an answer is no, only that it is not quite a yes. The best
that a perfect network can score is log 2 = 0.69 for each no and 0.31 for each yes.

## When it is fine

With BCELoss, which takes probabilities. With a sigmoid that only people and metrics read.

## How it is proved

The lowest loss that numbers between 0 and 1 can score on these rows is computed, beside that of free
logits. The trial trains the same networks without the sigmoid, under the same loss.

## Example

```diff
 import torch
 from torch import nn

 # does a seedling survive? from hours of light and litres of water (both standardised)
 care = torch.randn(200, 2)
 survives = (care.norm(dim=1, keepdim=True) < 1.2).float()

 model = nn.Sequential(
     nn.Linear(2, 32),
     nn.ReLU(),
     nn.Linear(32, 1),
-    nn.Sigmoid(),
 )
 criterion = nn.BCEWithLogitsLoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(250):
     loss = criterion(model(care), survives)
     optimizer.zero_grad()
     loss.backward()
     optimizer.step()
     if epoch % 50 == 0:
         print(epoch, loss.item())
```

## References

- PyTorch documentation, *torch.nn.BCEWithLogitsLoss*: combines a sigmoid layer and the BCELoss.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 6.2.2.2, on sigmoid outputs.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.places import called
from unstuck.rules.squashed import dropped, over_classes, squashed


def check(view: View) -> Iterator[Finding]:
    """Look for a loss of yes and no from logits that is given numbers between 0 and 1."""
    found = squashed(view)
    if found is None or over_classes(view):
        return
    op, evidence = found
    yield Finding(
        rule.code,
        rule.name,
        f"the loss takes logits but is given what a {op.short.rstrip('_')} made: the sigmoid is applied"
        f" twice, and no network can score less than {evidence.measured:.3g} this way",
        (evidence,),
        called(op),
        (dropped(view, rule.name, op),),
        severity="high",
        confidence=0.95,
    )


rule = Rule(
    "L004",
    "sigmoid-before-bcewithlogits",
    ("setup", "ladder", "squashed_floor"),
    check,
    __doc__,
)
