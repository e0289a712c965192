"""The learning rate is so small that the steps of this run cannot add up to a trained network.

## What happens

The loss goes down, but by a hair each step. When the loop ends the weights are still next to where
they started, and the predictions next to those of the untrained network.

## Why it stops learning

The distance that the weights can travel is about the rate times the number of steps (for Adam almost
exactly so). A trained network lies at a distance of about one from its start; a rate of 1e-5 needs a
hundred thousand steps to get there.

## When it is fine

When a trained network is only refined, when the loss is as low as it needs to be, or when the rate is
already next to the edge of stability, so that a larger one would diverge.

## How it is proved

The rate is compared with the largest stable one, or one step's effect with the spread of the targets,
and the loss is tested for whether it was still falling at the end. The trial trains the same networks
for the same number of steps at 3 to 1000 times the rate, and keeps the smallest that suffices.

## Example

```diff
 import torch
 from torch import nn

 # is a point inside the ring?
 x = torch.randn(200, 2)
 y = (x.norm(dim=1, keepdim=True) < 1.2).float()

 model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
 loss_fn = nn.BCEWithLogitsLoss()
-optimizer = torch.optim.Adam(model.parameters(), lr=1e-5)
+optimizer = torch.optim.Adam(model.parameters(), lr=<rate=0.01>)

 for step in range(300):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Cohen, Kaur, Li, Kolter and Talwalkar (2021), *Gradient Descent on Neural Networks Typically Occurs
  at the Edge of Stability*, arXiv:2103.00065.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 11.4.1, on the learning rate.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.goal import descending, missed
from unstuck.rules.rate import ADAPTIVE, other_rates

FAR_BELOW_EDGE = 0.01  # of 2/lambda_max: a hundredfold is still stable (Cohen et al. 2021)
HARDLY_A_STEP = 0.001  # spreads of the targets: a thousand steps in line to cross the data once
FACTORS = (3.0, 10.0, 30.0, 100.0, 1000.0)  # half a power of ten each: finer is within the noise


def check(view: View) -> Iterator[Finding]:
    """Look for steps that are tiny for this loss, or a descent that the end of the run cut off.

    Where neither shows, the rate is still offered as a hypothesis: unscaled inputs make the curvature
    so large that a rate looks right which is far too small once they are scaled.
    """
    short = missed(view)
    if short is None:
        return
    tiny, late = _tiny(view), descending(view)
    remedies = other_rates(view, rule.name, FACTORS)
    if not remedies:
        return
    yield Finding(
        rule.code,
        rule.name,
        f"the learning rate, {view.setup.optimizer.rate:g}, is small for {view.setup.made} steps: "
        + _say(view, tiny, late),
        tuple(one for one in (tiny, late, short) if one is not None),
        view.line("optimizer"),
        remedies,
        confidence=0.8 if tiny else 0.4 if late else 0.1,
        hypothesis=tiny is None and late is None,
    )


def _tiny(view: View) -> Evidence | None:
    ratio = view.value("rate_over_edge")
    adaptive = view.setup.optimizer.kind in ADAPTIVE
    threshold = HARDLY_A_STEP if adaptive else FAR_BELOW_EDGE
    if not 0 < ratio < threshold:  # 0: there is no gradient, and no rate makes one
        return None
    unit = "spreads of the targets a step" if adaptive else "of the largest stable rate"
    return Evidence("rate_over_edge", ratio, threshold, unit, above=False)


def _say(view: View, tiny: Evidence | None, late: Evidence | None) -> str:
    if tiny is None:
        return (
            "a larger one gets there" if late is None else "the loss was still falling at the end"
        )
    if view.setup.optimizer.kind in ADAPTIVE:
        return f"one step moves the predictions by {tiny.measured:.2g} of the targets' spread"
    return f"it is {tiny.measured:.2g} of the largest rate that would be stable here"


rule = Rule(
    "O003",
    "lr-too-small",
    ("setup", "ladder", "progress", "rate_over_edge"),
    check,
    __doc__,
)
