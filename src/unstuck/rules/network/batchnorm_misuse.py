"""BatchNorm layers normalise by statistics that say nothing about the data.

## What happens

The training loss jumps, or falls to a level that the trained network does not hold when it is used. Or
BatchNorm layers are there, and the network trains as if they were not.

## Why it stops learning

Such a layer takes off the mean of the batch and divides by its spread. Of two rows that leaves one at 1
and the other at -1 in every feature, whatever the rows are: the network is told which row is the larger,
never by how much. In evaluation mode it takes off running statistics instead. If `eval()` comes before
the training, these are still the mean of 0 and the variance of 1 that they began with, and nothing is
normalised at all.

## When it is fine

From a dozen rows a batch on; in smaller batches of images, where each row has many pixels to
average over. Fixed statistics, where they are those of the data: in a network that was trained before.

## How it is proved

Predictions of rows in batches like the script's are compared with those by the statistics of all rows; of
fixed statistics, centre and spread of what they make are measured. The trial trains the same networks in
the same batches with each row normalised by itself (a larger batch would mend it, too, but also what
`batch-size-unfit` is about); or in training mode. Networks are judged by the statistics of all rows.

## Example

```diff
 import torch
 from torch import nn
 from torch.utils.data import DataLoader, TensorDataset

 # how far a kite drifts, from wind, length of line and its angle (all standardised)
 x = torch.randn(160, 3)
 y = x[:, :1] * x[:, 1:2] + x[:, 2:]
 loader = DataLoader(TensorDataset(x, y), batch_size=2, shuffle=True)

-model = nn.Sequential(nn.Linear(3, 32), nn.BatchNorm1d(32), nn.Tanh(), nn.Linear(32, 1))
+model = nn.Sequential(nn.Linear(3, 32), nn.LayerNorm(32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 for epoch in range(20):
     for xb, yb in loader:
         optimizer.zero_grad()
         loss = loss_fn(model(xb), yb)
         loss.backward()
         optimizer.step()
 print("loss", loss.item())
```

## References

- Ioffe and Szegedy (2015), *Batch Normalization: Accelerating Deep Network Training by Reducing Internal
  Covariate Shift*, arXiv:1502.03167.
- Wu and He (2018), *Group Normalization*, arXiv:1803.08494, on the error of small batches.
- Ba, Kiros and Hinton (2016), *Layer Normalization*, arXiv:1607.06450.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import by_batch, by_fixed
from unstuck.rules.goal import missed
from unstuck.rules.normalising import by_rows, place, switched_on
from unstuck.rules.scale import NARROW, OFFSET, WIDE

NOISE = 0.1  # of the predictions: the goal leaves a tenth of the constant's loss at most


def check(view: View) -> Iterator[Finding]:
    """Look for fixed statistics that are not the data's, then for ones of too few rows."""
    short = missed(view)
    if short is None:
        return
    found = _fixed(view, short) or _noisy(view, short)
    if found is not None:
        yield found


def _fixed(view: View, short: Evidence) -> Finding | None:
    signs = [
        Evidence("norms", view.value("norms", "offset", 0), OFFSET, "spreads", "offset", 0),
        Evidence("norms", view.value("norms", "widest", 0), WIDE, "", "widest", 0),
        Evidence("norms", view.value("norms", "narrowest", 0), NARROW, "", "narrowest", 0, False),
    ]
    found = [
        e for e in signs if (e.measured > e.threshold if e.above else e.measured < e.threshold)
    ]
    ops = [op for op in view.setup.program.ops if by_fixed(op)]
    if not found or not ops:
        return None
    return Finding(
        rule.code,
        rule.name,
        f"BatchNorm is in evaluation mode, and its statistics are not the data's: {_left(found[0])}",
        (*found, short),
        place(view, ops[0]),
        (switched_on(view, rule.name),),
    )


def _left(sign: Evidence) -> str:
    if sign.site == "offset":
        return f"what it gives lies up to {sign.measured:.3g} spreads from zero"
    return f"what it gives has a spread of {sign.measured:.3g}"


def _noisy(view: View, short: Evidence) -> Finding | None:
    noise, plan = view.value("norms", "noise"), view.setup.plan
    ops = [op for op in view.setup.program.ops if by_batch(op)]
    if not noise > NOISE or not ops:
        return None
    step = view.table("norms").steps[-1]
    return Finding(
        rule.code,
        rule.name,
        f"BatchNorm over batches of {plan.batch}: {noise:.0%} of what the predictions vary by comes from"
        " the batch, and not from the row",
        (Evidence("norms", noise, NOISE, "of the variance", "noise", step), short),
        place(view, ops[0]),
        (by_rows(view, rule.name, ops),),
        confidence=0.6,
    )


rule = Rule("N014", "batchnorm-misuse", ("setup", "ladder", "norms"), check, __doc__)
