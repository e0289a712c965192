"""The batches are so large that a pass is hardly an update, or so small that every update is noise.

## What happens

With very large batches the loss creeps: a hundred epochs of one batch each are a hundred updates. With
batches of one or two rows it jumps about and does not settle.

## Why it stops learning

The number of passes is what scripts count in, but the number of updates is what learns. And the noise of a
gradient falls with the root of the batch only: one of a thousand rows costs ten times as much as one
of a hundred and is three times as exact.

## When it is fine

Large, where the number of passes makes up for it; small, where the rate is small enough to average
the noise away.

## How it is proved

The batch is compared with the rows, and the updates are counted. The trial trains the same networks
for the same number of passes over the rows in batches of other sizes.

## Example

```diff
 import torch
 from torch import nn
 from torch.utils.data import DataLoader, TensorDataset

 # lift of a kite (standardised) from the wind and its angle
 x = torch.rand(512, 2) * 2 - 1
 y = torch.sin(3 * x[:, :1]) * x[:, 1:]
-loader = DataLoader(TensorDataset(x, y), batch_size=512, shuffle=True)
+loader = DataLoader(TensorDataset(x, y), batch_size=<batch=16>, shuffle=True)

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 for epoch in range(40):
     for xb, yb in loader:
         optimizer.zero_grad()
         loss = loss_fn(model(xb), yb)
         loss.backward()
         optimizer.step()
 print("loss", loss.item())
```

## References

- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 8.1.3, on batch sizes.
- Masters and Luschi (2018), *Revisiting Small Batch Training for Deep Neural Networks*,
  arXiv:1804.07612.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import SetBatch
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import with_batch
from unstuck.rules.goal import missed

HALF = 0.5  # of the rows in a batch: a pass is one or two updates
FEW = 2000  # updates: small networks at sound rates take hundreds to a few thousand
TINY = 4  # rows: the noise is at least half of a single row's
RATTLE = 0.1  # of the way from constant to goal, a step: the last tenth of it is never settled
USUAL = (128, 64, 32, 16)  # sizes that people write, the most updates a pass last


def check(view: View) -> Iterator[Finding]:
    """Look for passes of hardly an update, and for updates of hardly a row."""
    short, plan, data = missed(view), view.setup.plan, view.setup.data
    if short is None or plan.order not in {"epochs", "sequence"} or not data.complete:
        return
    large, small = _large(view), _small(view)
    sign = large or small
    if sign is None:
        return
    sizes = [n for n in USUAL if n < plan.batch / 2] if large else [16, 64]
    sizes = [n for n in sizes if n < data.count]
    if not sizes:
        return
    yield Finding(
        rule.code,
        rule.name,
        f"{data.count} rows in batches of {plan.batch} make {view.setup.made} updates"
        + (", which may be too few" if large else ", each of them noisy"),
        (sign, short),
        view.line("step"),
        tuple(_remedy(view, n, size) for size, n in enumerate(sizes)),
        confidence=0.5,
    )


def _large(view: View) -> Evidence | None:
    plan = view.setup.plan
    share = plan.batch / max(view.setup.data.count, 1)
    if share < HALF or view.setup.made >= FEW:
        return None
    return Evidence("setup", share, HALF, "of the rows in a batch")


def _small(view: View) -> Evidence | None:
    swing = view.value("swing")
    if view.setup.plan.batch > TINY or not swing > RATTLE:
        return None
    return Evidence("swing", swing, RATTLE, "of the way from constant to goal, a step")


def _remedy(view: View, batch: int, size: int) -> Change:
    plan, step, rows = view.setup.plan, view.line("step"), view.setup.data.count
    edits = (SetBatch(step, batch, plan.batch, rows),) if step else ()
    return Change(
        rule.name,
        f"cut the rows into batches of {batch} (they are of {plan.batch})",
        functools.partial(with_batch, batch=batch),
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.SETTING,
        size,
    )


rule = Rule("O013", "batch-size-unfit", ("setup", "ladder", "swing"), check, __doc__)
