"""Dropout removes so much of the signal that what is left says little about the inputs.

## What happens

The training loss settles far above what is achievable, and jumps from step to step. With the dropout
switched off (`eval()`) the same network is not much better, and often it is worse.

## Why it stops learning

What is kept is scaled up by 1/(1 − p). With a probability of 0.9 the mean square of each number becomes
ten times as large, and nearly all of that is noise; a second such layer does so again. The best that a
network can do under it is to say less: its predictions shrink to the mean. A narrow layer has no spare
units that could average it out.

## When it is fine

In wide layers up to about one half, where many units say the same; where the noise is wanted and the
network is large enough for it.

## How it is proved

The trained network's predictions are drawn 32 times, and their variance is split into that between draws
and that between rows. The trial trains with dropout of 0.1, and with none. Networks are judged as they are
used, with all of their units, in both arms.

## Example

```diff
 import torch
 from torch import nn

 # how far a kite drifts, from wind, length of line and its angle (all standardised)
 x = torch.randn(300, 3)
 y = x[:, :1] * x[:, 1:2] + x[:, 2:]

 model = nn.Sequential(
     nn.Linear(3, 32),
     nn.ReLU(),
-    nn.Dropout(0.9),
+    nn.Dropout(<p=0.1>),
     nn.Linear(32, 1),
 )
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 for step in range(1500):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()

 model.eval()
 print("loss", loss_fn(model(x), y).item())
```

## References

- Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), *Dropout: A Simple Way to Prevent Neural
  Networks from Overfitting*, JMLR 15, section 7.3 on the effect of the dropout rate.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import SetDropout
from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Op
from unstuck.core.transform import dropped, with_dropout
from unstuck.rules.goal import missed
from unstuck.rules.places import written

NOISE = 0.1  # of the predictions' variance: the goal leaves a tenth of the constant's loss at most
MILD = (0.1, 0.0)  # what the probabilities are lowered to; none at all is what suffices if any does


def check(view: View) -> Iterator[Finding]:
    """Look for predictions that vary with what is dropped, and not with the inputs."""
    short, noise = missed(view), view.value("dropout_noise", "prediction")
    drops = [op for op in view.setup.program.ops if dropped(op) > 0]
    if short is None or not noise > NOISE or not drops:
        return
    most = max(dropped(op) for op in drops)
    step = view.table("dropout_noise").steps[-1]
    yield Finding(
        rule.code,
        rule.name,
        f"dropout of {most:g}: {noise:.0%} of what the predictions vary by depends on which units are"
        " dropped, and not on the inputs",
        (Evidence("dropout_noise", noise, NOISE, "of the variance", "prediction", step), short),
        written(view, max(drops, key=dropped)),
        tuple(_remedy(view, drops, p, i) for i, p in enumerate(p for p in MILD if p < most)),
        confidence=0.6,
    )


def _remedy(view: View, drops: list[Op], most: float, size: int) -> Change:
    strong = [op for op in drops if dropped(op) > most]
    lines: dict[float, dict[Where | None, None]] = {}
    for op in strong:
        lines.setdefault(dropped(op), {})[written(view, op)] = None
    known = all(None not in places for places in lines.values())
    edits = tuple(
        SetDropout(tuple(place for place in places if place), old, most)
        for old, places in lines.items()
    )
    now = ", ".join(f"{p:g}" for p in lines)
    return Change(
        rule.name,
        f"drop with a probability of {most:g} (it is {now})",
        functools.partial(with_dropout, most=most),
        edits if known else (),
        Safety.SAFE if known else Safety.SHOW,
        Kind.SETTING,
        size,
    )


rule = Rule("N013", "dropout-too-strong", ("setup", "ladder", "dropout_noise"), check, __doc__)
