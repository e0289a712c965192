"""A few targets hold most of the squared loss, and the network learns nothing of all the others.

## What happens

The loss is huge, jumps, and ends where it began or little below. Predictions are nearly the same for all
rows, and far above most targets.

## Why it stops learning

Squares count a row by its distance from the mean, squared. Where targets span orders of magnitude, a
hundredth of the rows holds most of that: each step goes where these want to go, and what the other rows
ask for is lost beside it. A learning rate that the large rows bear is too small for all others.

A few slips do the same: a decimal point that was not typed, a reading in another unit. Even a network
that learns them by heart has bent everything else to get there.

## When it is fine

Where the network learns all the same, by its own loss. Where only the largest rows matter, squares are
right.

## How it is proved

The share of the constant's squared loss that the farthest hundredth of the targets holds is measured. If it
is more than half, if logarithms have no such tail, and if a learner predicts these on rows that it has not
seen, the run is judged by the squared error of logarithms, since that of the targets says nothing about most
rows. The trial trains the same networks towards standardised logarithms, and judges all alike.

Where logarithms do not help, and at most one row in twenty lies more than ten robust spreads from the
median, the run is judged by all other rows, if a learner predicts these. The trial draws the far targets
into the range of the others, and so does the patch, in the loss. That takes them for slips: whoever
measured them knows better, and correcting them is better still. So it asks first.

The patch for logarithms takes the logarithm where the loss compares, and turns predictions back where the script reads
them. What the model returns is then in spreads of logarithms, and so is the printed loss: it asks first.

## Example

```diff
 import torch
 from torch import nn

 torch.manual_seed(0)
 # mass of a tree from its height and its girth (both standardised), over several orders of magnitude
 tree = torch.randn(300, 2)
 mass = torch.exp(2 * tree[:, :1] + torch.sin(3 * tree[:, 1:]))
+mass_mean, mass_std = mass.log().mean(), mass.log().std()

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 for epoch in range(600):
     optimizer.zero_grad()
-    loss = loss_fn(model(tree), mass)
+    loss = loss_fn(model(tree), (mass.log() - mass_mean) / mass_std)
     loss.backward()
     optimizer.step()
-print("loss", loss.item(), "first", model(tree[:1]).item())
+print("loss", loss.item(), "first", (model(tree[:1]) * mass_std + mass_mean).exp().item())
```

## References

- Box and Cox (1964), *An Analysis of Transformations*, Journal of the Royal Statistical Society B 26:211–252.
- Iglewicz and Hoaglin (1993), *How to Detect and Handle Outliers*, section 3, on robust spreads.
- Huber (1964), *Robust Estimation of a Location Parameter*, Annals of Mathematical Statistics 35:73–101.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import ScaleTargets
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import (
    judged_by_logarithms,
    logarithmic_targets,
    moments,
)
from unstuck.rules import far
from unstuck.rules.goal import missed

HELD = (
    0.5  # of the constant's squared loss: of a normal distribution the farthest hundredth holds 8 %
)


def check(view: View) -> Iterator[Finding]:
    """Look for a run that is judged otherwise, since squares lie in a few rows, and missed its goal."""
    short = missed(view)
    held, largest = view.value("tail", "held"), view.value("tail", "largest")
    logarithms = view.value("tail", "logarithms") == 1
    if short is None or not held > HELD or not (logarithms or view.value("tail", "far") > 0):
        return
    yield Finding(
        rule.code,
        rule.name,
        _logarithms(held, largest) if logarithms else far.said(view, held),
        (Evidence("tail", held, HELD, "of the squared loss", "held"), short),
        view.line("loss"),
        (_in_logarithms(view) if logarithms else far.clipped(view, rule.name),),
        severity="high",
        confidence=0.8,
    )


def _logarithms(held: float, largest: float) -> str:
    return (
        f"a hundredth of the targets holds {held:.0%} of the squared loss (the largest lies"
        f" {largest:.3g} spreads from the mean), and hardly anything is asked of the network for the others"
    )


def _in_logarithms(view: View) -> Change:
    setup = view.setup
    mean, spread = moments(np.log(setup.data.rows[setup.program.targets[0]]))
    centre, wide = (tuple(np.atleast_1d(part).tolist()) for part in (mean, spread))
    loss, forward = view.line("loss"), view.line("forward")
    known = loss is not None and forward is not None
    return Change(
        rule.name,
        "train towards the logarithm of the targets, standardised, and turn predictions back where they are"
        " read",
        logarithmic_targets,
        (ScaleTargets(loss, forward, centre, wide, logarithm=True),) if loss and forward else (),
        Safety.UNSAFE if known else Safety.SHOW,
        Kind.DATA,
        meant=True,
        judge=judged_by_logarithms,
    )


rule = Rule(
    "D006",
    "targets-heavy-tailed",
    ("setup", "ladder", "tail"),
    check,
    __doc__,
)
