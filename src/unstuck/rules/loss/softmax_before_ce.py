"""The loss is given probabilities where it expects logits: the softmax is applied twice.

## What happens

Nearly every row is classified rightly, and yet the loss stands still: at 0.55 with three classes, at
1.46 with ten. It falls slowly at first, and never below that number.

## Why it stops learning

cross_entropy applies a softmax to what it is given. From numbers between 0 and 1 it can make no more than
e/(e + k - 1) for the right one of k classes, so a perfect network still scores log(1 + (k - 1)/e). And the
inner softmax passes hardly any gradient from where it is sure, which includes rows that it has wrong.

## When it is fine

With log_softmax: a second one changes nothing. With NLLLoss behind log_softmax, which is the same loss
in two parts. With a softmax that only people and metrics read.

## How it is proved

The lowest loss that numbers between 0 and 1 can score on these rows is computed, beside that of free
logits. The trial trains the same networks without the softmax, under the same loss.

## Example

```diff
 import torch
 from torch import nn


 class Wheat(nn.Module):
     def __init__(self):
         super().__init__()
         self.hidden = nn.Linear(2, 32)
         self.output = nn.Linear(32, 3)

     def forward(self, x):
         x = torch.relu(self.hidden(x))
-        return torch.softmax(self.output(x), dim=1)
+        return self.output(x)


 # three kinds of wheat, told apart by how far length and width of a kernel are from the usual
 kernels = torch.randn(240, 2)
 size = kernels.norm(dim=1)
 kind = (size > 0.8).long() + (size > 1.5).long()

 net = Wheat()
 criterion = nn.CrossEntropyLoss()
 optimizer = torch.optim.Adam(net.parameters(), lr=0.02)

 for epoch in range(250):
     optimizer.zero_grad()
     out = net(kernels)
     loss = criterion(out, kind)
     loss.backward()
     optimizer.step()
 print("loss", loss.item(), "right", (out.argmax(1) == kind).float().mean().item())
```

## References

- PyTorch documentation, *torch.nn.CrossEntropyLoss*: the input is expected to contain unnormalised logits.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 6.2.2.3, on softmax outputs.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.places import called
from unstuck.rules.squashed import dropped, over_classes, squashed


def check(view: View) -> Iterator[Finding]:
    """Look for a loss over classes that is given numbers between 0 and 1."""
    found = squashed(view)
    if found is None or not over_classes(view):
        return
    op, evidence = found
    yield Finding(
        rule.code,
        rule.name,
        f"the loss takes logits but is given what a {op.short.rstrip('_')} made: the softmax is applied"
        f" twice, and no network can score less than {evidence.measured:.3g} this way",
        (evidence,),
        called(op),
        (dropped(view, rule.name, op),),
        severity="high",
        confidence=0.95,
    )


rule = Rule(
    "L003",
    "softmax-before-ce",
    ("setup", "ladder", "squashed_floor"),
    check,
    __doc__,
)
