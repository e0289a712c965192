"""The loop ends long before the network could have learned.

## What happens

Ten or twenty epochs of one batch are ten or twenty updates. The loss has hardly begun to fall, or is
in full descent, when the loop is over.

## Why it stops learning

It does not stop: it is stopped. Between the constant prediction and a fit lie hundreds to many thousands
of updates for small networks, most of them at the beginning, where the loss seems to stand still
because the hidden units have yet to find their places.

## When it is fine

When the goal is reached, or the loss has settled: more of the same then changes nothing.

## How it is proved

The number of updates and the progress in the last tenth of the run are measured. The trial trains the
same networks 3 to 100 times as long, everything else alike, and keeps the shortest that suffices.

## Example

```diff
 import torch
 from torch import nn

 # a tone with an overtone, sampled at 100 moments
 t = torch.linspace(-1, 1, 100).unsqueeze(1)
 tone = torch.sin(6 * t) + 0.5 * torch.cos(12 * t)

 model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
 criterion = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.005)

-for epoch in range(20):
+for epoch in range(<steps=2000>):
     optimizer.zero_grad()
     loss = criterion(model(t), tone)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 8.2.3, on plateaus.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import SetSteps
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import with_steps
from unstuck.rules.goal import descending, missed

FEW = 2000  # updates: small networks at sound rates take hundreds to a few thousand
FACTORS = (3.0, 10.0, 30.0, 100.0)  # half a power of ten each: finer is within the noise of starts


def check(view: View) -> Iterator[Finding]:
    """Suspect a short run, and one that was still getting better, of having ended too soon."""
    short = missed(view)
    if short is None:
        return
    steps, late = view.setup.made, descending(view)
    ended = steps < view.setup.plan.steps  # by itself: a larger count alone changes nothing
    few = Evidence("setup", steps, FEW, "updates", above=False) if steps < FEW else None
    if few is None and late is None:
        return
    falling = ", and was still falling" if late else ""
    yield Finding(
        rule.code,
        rule.name,
        f"after {steps} updates the loss is {short.measured:.4g} ({short.threshold:.4g} would count as"
        f" learned){falling}",
        tuple(one for one in (few, late, short) if one is not None),
        view.line("step") or view.line("backward"),
        tuple(_remedy(view, factor, size) for size, factor in enumerate(FACTORS)),
        confidence=0.8 if late else 0.4,
        explained_by="early-stopping-too-soon",
        hypothesis=ended,
    )


def _remedy(view: View, factor: float, size: int) -> Change:
    step = view.line("step") or view.line("backward")
    return Change(
        rule.name,
        f"train {factor:g} times as long",
        functools.partial(with_steps, factor=factor),
        (SetSteps(step, factor),) if step else (),
        Safety.SAFE if step else Safety.SHOW,
        Kind.SETTING,
        size,
    )


rule = Rule("O005", "too-few-steps", ("setup", "ladder", "progress"), check, __doc__)
