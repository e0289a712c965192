"""The starting weights are so large or so small that what flows through the network explodes or vanishes.

## What happens

The script draws the starting values of its layers itself, and they are far too large: the sums into the
units are in the tens or hundreds, and predictions begin far from the targets. Or they are far too
small: all rows look the same behind the first layers.

## Why it stops learning

Large sums lie where sigmoid and tanh are flat, or push ReLU units off for good; and a large layer's
gradients are large too, so that no learning rate suits all layers. Where the weights are tiny so is the
gradient for every layer in front of them.

## When it is fine

A last layer that begins at zero, and schemes that fit the layer's size, such as those of Glorot and He.

## How it is proved

The size and the variation of each layer's sums are measured before the first step, beside those of the
same network with the starting values that torch gives a layer by itself. The trial trains with these.

## Example

```diff
 import torch
 from torch import nn

 # how much a dough rises, from temperature, moisture and yeast (all standardised)
 x = torch.randn(200, 3)
 y = x[:, :1] * x[:, 1:2] + x[:, 2:]

 model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
-for layer in model:
-    if isinstance(layer, nn.Linear):
-        nn.init.normal_(layer.weight, std=5.0)
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 for step in range(500):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Glorot and Bengio (2010), *Understanding the Difficulty of Training Deep Feedforward Neural Networks*.
- He, Zhang, Ren and Sun (2015), *Delving Deep into Rectifiers*, arXiv:1502.01852.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Kind
from unstuck.core.finding import Evidence, Finding
from unstuck.core.layers import Layer
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Parameter
from unstuck.rules.draws import place, taken_back, touched
from unstuck.rules.goal import missed

BIG = 5.0  # a sigmoid's slope is below 3 % of its maximum beyond it, a tanh's below 0.02 %
SMALL = 1e-3  # of a unit's sum: default layers of ten rows of depth still have ten times as much
FAR = 5.0  # times what the default gives: schemes that fit the layer's size stay within 2.5 a layer
LOUD, FAINT = 4.0, 0.1  # times the default spread of a weight: He's scheme has 2.45 at most
HIGH = 3.0  # of a bias: as far as the sum of a standardised layer ever gets


def check(view: View) -> Iterator[Finding]:
    """Compare the sums into each layer that the script drew itself with those of default draws."""
    short = missed(view)
    signs = [(layer, sign) for layer in view.layers if (sign := _sign(view, layer)) is not None]
    if short is None or not signs:
        return
    faulty = [p for layer, sign in signs for p in _culprits(view, layer, large=sign.above)]
    if not faulty:
        return
    yield Finding(
        rule.code,
        rule.name,
        "; ".join(_say(view, layer, sign) for layer, sign in signs),
        (*(sign for _, sign in signs), short),
        place(view, faulty),
        (taken_back(view, rule.name, faulty, Kind.SETTING),),
        confidence=0.8,
    )


def _sign(view: View, layer: Layer) -> Evidence | None:
    """Return how far a layer's sums are too large, or vary too little, if they do."""
    if layer.path not in view.table("signal").sites:
        return None
    size, usual = (view.value("signal", layer.path, row) for row in (0, 1))
    wide, usually = (view.value("signal_spread", layer.path, row) for row in (0, 1))
    if size > max(BIG, FAR * usual):
        return Evidence("signal", size, max(BIG, FAR * usual), "", layer.path, 0)
    if wide < min(SMALL, usually / FAR) and layer.path != view.layers[-1].path:
        return Evidence(
            "signal_spread", wide, min(SMALL, usually / FAR), "", layer.path, 0, above=False
        )
    return None


def _culprits(view: View, layer: Layer, *, large: bool) -> list[Parameter]:
    """Return the layer's own parameters that the script drew too large, or too small."""
    weight, bias = layer.weight, layer.bias
    spread = math.sqrt(3.0 * layer.inputs * float(np.square(weight.start, dtype=np.float64).mean()))
    found = [weight] if (spread > LOUD if large else spread < FAINT) else []
    if large and bias is not None and float(np.abs(bias.start).mean()) > HIGH:
        found.append(bias)
    return [parameter for parameter in found if touched(view, parameter)]


def _say(view: View, layer: Layer, sign: Evidence) -> str:
    usual = view.value(sign.quantity, layer.path, 1)
    what = "sums into" if sign.above else "variation over the rows of the sums into"
    return (
        f"the {what} layer {layer.path} are about {sign.measured:.3g} before the first step, where the"
        f" default starting values would give {usual:.3g}"
    )


rule = Rule(
    "N007",
    "bad-init-scale",
    ("setup", "ladder", "signal", "signal_spread"),
    check,
    __doc__,
)
