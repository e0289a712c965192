"""Most ReLU units of a layer output zero for every row, and cannot come back.

## What happens

A unit whose sum is negative for every row outputs zero for all of them: it is off. When half of a layer
is off the network is half as wide as it looks; when all of it is, the prediction is one constant.

## Why it stops learning

Left of its bend a ReLU is flat: the gradient there is exactly zero. A unit that is off gets nothing to
learn from, and neither does anything before it. Units are born off (a bias far below zero, very narrow
layers) or knocked off by one step that was too large.

## When it is fine

A few units that are off do no harm, as long as the others fit the data.

## How it is proved

Units that output zero for every row are counted, layer by layer. The trial trains the same networks
with leaky ReLU, or ELU, which have a slope on the left as well.

## Example

```diff
 import torch
 from torch import nn

 # who buys? from how recently and how often they did (standardised)
 x = 2 * torch.rand(200, 2) - 1
 y = (x[:, :1] > 0.5 * x[:, 1:] ** 2 - 0.3).float()

 model = nn.Sequential(
     nn.Linear(2, 32),
-    nn.ReLU(),
+    nn.LeakyReLU(),
     nn.Linear(32, 1),
 )
 for module in model:
     if isinstance(module, nn.Linear):
         nn.init.constant_(module.bias, -4.6)  # few people buy: start from p = 0.01

 loss_fn = nn.BCEWithLogitsLoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.05)

 for step in range(600):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Lu, Shin, Su and Karniadakis (2019), *Dying ReLU and Initialization: Theory and Numerical Examples*,
  arXiv:1903.06733.
- He, Zhang, Ren and Sun (2015), *Delving Deep into Rectifiers*, arXiv:1502.01852.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.layers import Layer
from unstuck.core.rule import Rule, View
from unstuck.rules.places import activation
from unstuck.rules.swap import swapped

ALIVE = ("leaky_relu", "elu")  # a slope on the left, slight and full: the nearest to ReLU first
HALF = 0.5  # of a layer's units: with fewer off the layer still has more units than it has lost


def check(view: View) -> Iterator[Finding]:
    """Look for hidden ReLU layers of which at least half of the units are off at the end."""
    table = view.table("units_off")
    off = [
        (layer, Evidence("units_off", table.at(layer.path), HALF, "of the units", layer.path))
        for layer in view.layers[:-1]
        if layer.activation_name.rstrip("_") == "relu" and layer.path in table.sites
    ]
    off = [(layer, sign) for layer, sign in off if sign.measured >= HALF]
    if not off:
        return
    dead = any(sign.measured == 1 for _, sign in off)
    yield Finding(
        rule.code,
        rule.name,
        "; ".join(_say(layer, sign) for layer, sign in off),
        tuple(sign for _, sign in off),
        activation(view, off[0][0]),
        tuple(
            swapped(view, rule.name, old="relu", new=new, size=size)
            for size, new in enumerate(ALIVE)
        ),
        severity="high" if dead else "medium",
        confidence=0.95 if dead else 0.6,
    )


def _say(layer: Layer, sign: Evidence) -> str:
    count = f"{sign.measured * layer.outputs:.0f} of the {layer.outputs} ReLU units"
    who = f"all {layer.outputs} ReLU units" if sign.measured == 1 else count
    return f"{who} of layer {layer.path} output zero for every row"


rule = Rule("N003", "dying-relu", ("setup", "units_off"), check, __doc__)
