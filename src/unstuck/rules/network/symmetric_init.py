"""All units of a layer begin equal, and stay one and the same unit.

## What happens

The weights of a layer begin at zero, or at one and the same number. Each of its units computes the same
as all others, before training and after it: the layer is one unit wide, however wide it was built.

## Why it stops learning

Equal units get equal gradients, step after step, so nothing ever makes them differ. Random starting
values are what breaks this symmetry. Where all weights are zero, no gradient passes the layer at all.

## When it is fine

For biases; for a last layer alone, whose units have targets of their own to differ by; for the scale of
a normalisation.

## How it is proved

Units that give the same output on every row are counted, before the first step and after the last
one. The trial trains the same networks with the random starting values that torch gives a layer.

## Example

```diff
 import torch
 from torch import nn

 # thrust of a propeller from its speed and the wind (both standardised)
 x = torch.randn(200, 2)
 y = x[:, :1] * x[:, 1:] + x[:, :1].abs()

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
-for p in model.parameters():
-    nn.init.constant_(p, 0.1)
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(600):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 8.4, on breaking symmetry.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Kind
from unstuck.core.finding import Evidence, Finding
from unstuck.core.layers import Layer
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Parameter
from unstuck.rules.draws import place, taken_back, touched
from unstuck.rules.goal import missed

MOST = 0.5  # of a layer's units: random layers have none, apart from units that are off


def check(view: View) -> Iterator[Finding]:
    """Look for hidden layers whose units are equal at the start and at the end, and begin so by script."""
    short, table = missed(view), view.table("units_equal")
    if short is None:
        return
    signs = [
        (layer, Evidence("units_equal", share, MOST, "of the units", layer.path))
        for layer in view.layers[:-1]
        if layer.path in table.sites
        and (share := min(table.at(layer.path, 0), table.at(layer.path, -1))) > MOST
        and flat(layer.weight)
    ]
    faulty = [p for p in _weights(view) if flat(p) and touched(view, p)]
    if not signs or not faulty:
        return
    yield Finding(
        rule.code,
        rule.name,
        "; ".join(_say(layer, sign) for layer, sign in signs),
        (*(sign for _, sign in signs), short),
        place(view, faulty),
        (taken_back(view, rule.name, faulty, Kind.BUG),),
        severity="high",
        confidence=0.9,
    )


def flat(weight: Parameter) -> bool:
    """Whether all numbers of a weight begin equal, or those of each of its rows or columns."""
    start = weight.start
    return bool((np.ptp(start, axis=0) == 0).all() or (np.ptp(start, axis=-1) == 0).all())


def _weights(view: View) -> list[Parameter]:
    return [layer.weight for layer in view.layers]


def _say(layer: Layer, sign: Evidence) -> str:
    return (
        f"{sign.measured * layer.outputs:.0f} of the {layer.outputs} units of layer {layer.path} give the"
        " same as another on every row, from the first step to the last: their weights begin equal"
    )


rule = Rule(
    "N008",
    "symmetric-init",
    ("setup", "ladder", "units_equal"),
    check,
    __doc__,
)
