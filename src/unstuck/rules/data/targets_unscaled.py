"""The targets lie far from where a network's outputs begin, or vary far more or less than these do.

## What happens

The outputs of a fresh network lie around zero and vary by less than one. If the targets are 6,771 give
or take 5, the whole training goes into getting there: the loss is huge, falls steadily, and what is
left of it when the run ends is still the distance to the mean. Nothing of the pattern was learnt.

## Why it stops learning

All that the inputs explain is a small difference on top of a large constant. Until the constant is met,
every row asks for the same thing, so hidden units are pushed to one side until they saturate or die;
and afterwards the last layer's weights are so large that the smallest step in a hidden unit is a leap
in the prediction. No learning rate suits both parts of the way.

## When it is fine

Where the run reaches its goal: a wide offset costs time only, if there is time. Where the loss is
relative, or the network's last layer begins at the targets' mean.

## How it is proved

Centre and spread of each target are measured over the training rows. The trial trains the same networks
towards standardised targets. They are judged as before: their predictions are turned back, and the
script's own loss is computed in the targets' own unit.

The patch scales what the loss compares with, and turns predictions back where the script reads them.
What the model itself returns is then in spreads of the targets, and so is the printed loss: it asks first.

## Example

```diff
 import torch
 from torch import nn

 # distance of a satellite from the centre of the earth in km, from two angles of its orbit
 angle = torch.rand(300, 2) * 4 - 2
 radius = 6771 + 5 * torch.sin(2 * angle[:, :1]) * angle[:, 1:]
+radius_mean, radius_std = radius.mean(), radius.std()

 model = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(600):
     optimizer.zero_grad()
-    loss = loss_fn(model(angle), radius)
+    loss = loss_fn(model(angle), (radius - radius_mean) / radius_std)
     loss.backward()
     optimizer.step()
-print("loss", loss.item(), "first", model(angle[:1]).item())
+print("loss", loss.item(), "first", (model(angle[:1]) * radius_std + radius_mean).item())
```

## References

- Bishop (1995), *Neural Networks for Pattern Recognition*, section 8.2, on rescaling inputs and targets.
- LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*, section 4.5, on target values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import ScaleTargets
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import standardised_targets
from unstuck.rules.goal import missed

OFFSET = 20.0  # spreads away from zero: healthy controls have at most 1.6, the sick ones 100 to 315
WIDE = 30.0  # fresh outputs vary by a few tenths, and Adam moves a weight by its rate a step
NARROW = 0.03  # a fresh output's own spread of a few tenths drowns targets that vary by less


def check(view: View) -> Iterator[Finding]:
    """Look for targets far from zero, too wide or too narrow, where the goal was missed."""
    short, signs = missed(view), _signs(view)
    if short is None or not signs:
        return
    yield Finding(
        rule.code,
        rule.name,
        "the targets are not scaled: " + "; ".join(_say(view, one) for one in signs),
        (*signs, short),
        view.line("loss"),
        (_remedy(view),),
        severity="high",
        confidence=0.8,
        explained_by="targets-heavy-tailed",
    )


def _signs(view: View) -> tuple[Evidence, ...]:
    """Return what is wrong with the targets' scale, the worst column for each complaint."""
    table = view.table("target_spread")
    spreads = {site: table.at(site) for site in table.sites}
    spreads = {site: one for site, one in spreads.items() if math.isfinite(one) and one > 0}
    if not spreads:
        return ()
    offsets = {site: view.value("target_offset", site) for site in spreads}
    far = max(offsets, key=lambda site: offsets[site])
    wide = max(spreads, key=lambda site: spreads[site])
    found = (
        Evidence("target_offset", offsets[far], OFFSET, "spreads", far),
        Evidence("target_spread", spreads[wide], WIDE, "target", wide),
        Evidence("target_spread", spreads[wide], NARROW, "target", wide, above=False),
    )
    return tuple(o for o in found if (o.measured > o.threshold) is o.above)


def _say(view: View, one: Evidence) -> str:
    mean, spread = view.value("target_mean", one.site), view.value("target_spread", one.site)
    said = f"{one.site} (mean {mean:.4g}, spread {spread:.3g}) "
    if one.quantity == "target_offset":
        return said + f"lies {one.measured:.3g} times its own spread away from zero"
    return said + f"is too {'wide' if one.above else 'narrow'} for outputs of about one"


def _remedy(view: View) -> Change:
    mean, spread = (view.table(name).values[-1] for name in ("target_mean", "target_spread"))
    usable = np.where(np.isfinite(spread) & (spread > 0), spread, 1.0)
    loss, forward = view.line("loss"), view.line("forward")
    known = loss is not None and forward is not None
    return Change(
        rule.name,
        "standardise the targets for the loss, and turn predictions back where they are read",
        standardised_targets,
        (ScaleTargets(loss, forward, tuple(mean.tolist()), tuple(usable.tolist())),)
        if loss and forward
        else (),
        Safety.UNSAFE if known else Safety.SHOW,
        Kind.DATA,
    )


rule = Rule(
    "D004",
    "targets-unscaled",
    ("setup", "ladder", "target_offset", "target_mean", "target_spread"),
    check,
    __doc__,
)
