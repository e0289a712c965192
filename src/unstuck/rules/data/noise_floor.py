"""There is nothing left to learn: the loss is as low as these inputs allow, or they say nothing at all.

## What happens

The loss settles above zero and stays. More layers, other rates and more epochs change nothing, and each
looks worth another evening.

## Why it stops learning

Rows with equal inputs and different targets cannot all be predicted: the best that any function can do
is the mean target of each distinct input. And where no learner predicts rows that it has not seen,
the targets have nothing to do with the inputs; a network can only learn such rows by heart.

## When it is fine

Always: it is an answer, not a fault. The loss at which a network is done is set by the data. More
informative inputs, cleaner targets or more rows can lower it; no change to the network can.

## How it is proved

By its evidence: the loss of the mean target over equal inputs, and what linear models, neighbours and
trees explain of rows that they have not seen. There is no change to try.

## Example

```diff
 import torch
 from torch import nn

 # month of birth -> height as a grown-up (both standardised)
 month = torch.randint(0, 12, (1000, 1)).float()
 x = (month - 5.5) / 3.45
-height = torch.randn(1000, 1)
+height = torch.sin(2 * x)

 model = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(500):
     optimizer.zero_grad()
     loss = loss_fn(model(x), height)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 5.2, on the Bayes error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.hidden import misaligned, no_signal, parity, shuffled

HIGH = 0.1  # of the constant's loss: a floor below it leaves nine tenths of the loss to be learnt
NEAR = 0.05  # of the constant's loss above the floor, where there is no goal beyond the constant


def check(view: View) -> Iterator[Finding]:
    """Look for a loss that ended on its floor, and for targets that no learner predicts."""
    floor = _floor(view)
    signal = _no_signal(view)
    signs = tuple(one for one in (floor, *signal) if one is not None)
    if not signs:
        return
    rows = int(view.value("rows", "rows"))
    said = [*([_on_floor(view)] if floor else []), *([_unpredicted(signal[-1])] if signal else [])]
    yield Finding(
        rule.code,
        rule.name,
        f"there is nothing left to learn from these {rows} rows: " + ", and ".join(said),
        signs,
        severity="low",
        confidence=0.9 if floor and signal else 0.7,
        answer=rule.answer,
    )


def _floor(view: View) -> Evidence | None:
    """Return the final loss where it lies on a floor that deserves the name."""
    end, goal, floor, constant = (
        view.value("ladder", rung) for rung in ("end", "goal", "floor", "constant")
    )
    limit = goal if math.isfinite(goal) else floor + NEAR * constant
    if not (constant > 0 and floor > HIGH * constant and end <= limit):
        return None
    return Evidence("ladder", end, limit, "loss", "end", above=False)


def _on_floor(view: View) -> str:
    end, floor = view.value("ladder", "end"), view.value("ladder", "floor")
    return f"the loss is {end:.4g}, and no function of these inputs scores less than {floor:.4g}"


def _unpredicted(best: Evidence) -> str:
    share = max(best.measured, 0.0)
    return (
        f"no learner finds a signal (the best explains {share:.1%} of targets that it has not seen)"
    )


def _no_signal(view: View) -> tuple[Evidence, ...]:
    """Return what learners explain of unseen rows where that is nothing, and no other answer tells why."""
    if any(answer(view) is not None for answer in (misaligned, parity, shuffled)):
        return ()
    return no_signal(view)


rule = Rule(
    "D002",
    "noise-floor",
    ("ladder", "rows", "signal_r2", "aligned_r2", "parity_r2", "shuffled_apart"),
    check,
    __doc__,
    answer=True,
)
