"""The target is a parity: each input alone, and each pair, says nothing at all about it.

## What happens

The targets follow from the inputs by a simple rule, and there is no noise. Yet the loss stays at that of
a constant prediction for a very long time, whatever the network, the rate and the batches are, or it
falls only as the rows are learnt by heart.

## Why it stops learning

Gradient descent climbs from what correlates: it finds a part of the answer first and refines it. A
parity of k inputs has no part. Leave out one of them and nothing is left, so that the gradients towards
the answer and towards every wrong answer are equally small, and become smaller with every further input.

## When it is fine

Always: it is an answer, not a fault. What helps is to say more: products of inputs as features, a target
for the intermediate steps, or examples of fewer inputs first. A parity of which most combinations are
seen can be learnt like a table, from neighbours, and is not meant here.

## How it is proved

By its evidence. Where no learner explains a tenth of the targets and all inputs have two values, the
correlation of the targets with every parity of three inputs or more is computed at once, by a
Walsh-Hadamard transform. One of them explains most of the targets, and far more than the best does of
targets that were shuffled. That is done for up to 14 inputs; of more, a parity that holds in every
row is solved for, as one solves linear equations, and there are 20 rows more than inputs at the least.

## Example

```diff
 import torch
 from torch import nn

 # fourteen switches in a house: some of them, each on its own, turn the same lamp on or off
 switches = torch.randint(0, 2, (2000, 14)) * 2.0 - 1
-lamp = switches[:, :7].prod(1, keepdim=True)
+lamp = switches[:, :2].prod(1, keepdim=True)

 model = nn.Sequential(nn.Linear(14, 8), nn.ReLU(), nn.Linear(8, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

 for epoch in range(500):
     optimizer.zero_grad()
     loss = loss_fn(model(switches), lamp)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Shalev-Shwartz, Shamir and Shammah (2017), *Failures of Gradient-Based Deep Learning*, arXiv:1703.07950,
  section 2, on parities.
- O'Donnell (2014), *Analysis of Boolean Functions*, section 1.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.hidden import parity

LEFT = 0.1  # of the constant's loss: below it the rows are learnt, if only by heart


def check(view: View) -> Iterator[Finding]:
    """Look for a parity that explains the targets where no learner does."""
    found, end = parity(view), view.value("ladder", "end")
    left = LEFT * view.value("ladder", "constant")
    if found is None or not end > left:
        return
    inputs, first = (int(view.value("parity_r2", site)) for site in ("inputs", "first"))
    yield Finding(
        rule.code,
        rule.name,
        f"the parity of {inputs} inputs (the first is feature {first}) explains {found.measured:.0%} of"
        f" the targets, and nothing of fewer inputs does: gradient descent has no hold here",
        (found, Evidence("ladder", end, left, "loss", "end")),
        severity="medium",
        confidence=0.95,
        answer=rule.answer,
    )


rule = Rule("D008", "hard-target", ("ladder", "parity_r2"), check, __doc__, answer=True)
