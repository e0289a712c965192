"""The network was put into evaluation mode while it was being trained, and never back.

## What happens

The first epoch trains one network and all others another: with `Dropout`, the loss drops at once after the first
evaluation, and the network begins to learn its rows by heart; with `BatchNorm`, it jumps, and falls as if the layer
were not there.

## Why it stops learning

`model.eval()` holds until `model.train()` is called, and not until the end of the function that called it. From then
on nothing is dropped, and BatchNorm normalises by the statistics that the first updates gathered: a few batches of
a network that was hardly trained. The layers are there, and do not do what they are there for.

## When it is fine

Where it is meant: batch statistics that are frozen late in a training, or the last epochs without dropout. Most
networks learn their rows all the same, as this report's verdict says of yours; what suffers first is what they make of others.

## How it is proved

By its evidence: the steps that were watched closely ran these layers in training mode at first and, from the step
that is named at the latest, all of them in evaluation mode. Whether the training is the worse for it has not been tried:
BatchNorm would go by statistics that each start gathers of its own. `model.train()` at the top of each
epoch is all.

## Example

```diff
 import torch
 from torch import nn

 # two readings of a well (standardised) -> its yield
 x = torch.randn(300, 2)
 amount = x[:, :1] * x[:, 1:]

 model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(400):
+    model.train()
     optimizer.zero_grad()
     loss = loss_fn(model(x[:200]), amount[:200])
     loss.backward()
     optimizer.step()
     if epoch % 10 == 0:
         model.eval()
         with torch.no_grad():
             print(epoch, loss.item(), loss_fn(model(x[200:]), amount[200:]).item())
```

## References

- PyTorch documentation, *torch.nn.Module.eval* and *torch.nn.Module.train*; *Autograd mechanics*, on evaluation mode.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import by_batch, dropped


def check(view: View) -> Iterator[Finding]:
    """Say from which step on, and what no longer acts."""
    since = view.setup.loop.evaluates
    if not since:
        return
    ops = view.setup.program.ops
    still = [
        what
        for what, found in (
            ("nothing is dropped", any(dropped(op) > 0 for op in ops)),
            (
                "BatchNorm goes by what the first updates gathered",
                any(by_batch(op) for op in ops),
            ),
        )
        if found
    ]
    yield Finding(
        rule.code,
        rule.name,
        f"by step {since:,} of {view.setup.plan.steps:,} the network was in evaluation mode, and it was trained"
        f" in it from then on: {' and '.join(still)}",
        (Evidence("setup", float(since), 0.0, "updates in training mode", "evaluates"),),
        view.line("eval") or view.line("forward"),
        confidence=0.95,
        answer=rule.answer,
    )


rule = Rule("N017", "eval-mode-left-on", ("setup",), check, __doc__, answer=True)
