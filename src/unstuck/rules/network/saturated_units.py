"""Sigmoid or tanh units are flat over the whole data: they say the same for every row.

## What happens

The units of a hidden layer output 0, 1 or −1 for all rows alike. The layers behind see a constant, and
the network answers with one, or with the few steps that are left.

## Why it stops learning

Where a sigmoid or tanh is flat its slope is next to nothing, and so is the gradient that passes
through it. The units cannot move back, and what lies before them learns nothing. Usually the inputs
are far from zero, or the weights were drawn too large, so that the sum into each unit is.

## When it is fine

At the output, where a confident answer is meant to saturate; in a gate that ought to be open or shut.

## How it is proved

Each unit's slope and range are measured over all rows, before and after training. The trial trains the
same networks with ReLU in place of the units that saturate. Where unscaled inputs explain the
saturation, scaling them is the cure, and this is its mechanism.

## Example

```diff
 import numpy as np
 import torch
 from torch import nn

 # is the left half of an 8 x 8 picture brighter than the right half?
 x = torch.rand(200, 64)
 y = (x[:, :32].sum(1, keepdim=True) > x[:, 32:].sum(1, keepdim=True)).float()

 model = nn.Sequential(
     nn.Linear(64, 16),
-    nn.Sigmoid(),
+    nn.ReLU(),
     nn.Linear(16, 1),
 )
 older = np.random.default_rng(0).random((16, 64))  # the weights of a network that was trained before
 model[0].weight.data.copy_(torch.from_numpy(older))

 loss_fn = nn.BCEWithLogitsLoss()
 optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

 for step in range(1000):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Glorot and Bengio (2010), *Understanding the Difficulty of Training Deep Feedforward Neural Networks*.
- LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*, sections 4.4 to 4.6.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.layers import Layer
from unstuck.core.rule import Rule, View
from unstuck.rules.places import activation
from unstuck.rules.scale import unscaled
from unstuck.rules.swap import swapped

MOST = 0.5  # of a layer's units: sick networks have .96 to 1, healthy controls at most .31
KINDS = ("sigmoid", "tanh")  # what the measure of saturation is defined for


def check(view: View) -> Iterator[Finding]:
    """Look for hidden layers whose sigmoid or tanh units are mostly flat, at the start or the end."""
    signs = [(layer, _share(view, layer)) for layer in _squashing(view)]
    flat = [(layer, sign) for layer, sign in signs if sign is not None]
    if not flat:
        return
    kinds = sorted({layer.activation_name.rstrip("_") for layer, _ in flat})
    yield Finding(
        rule.code,
        rule.name,
        "; ".join(_say(layer, sign) for layer, sign in flat),
        tuple(sign for _, sign in flat),
        activation(view, flat[0][0]),
        tuple(
            swapped(view, rule.name, old=kind, new="relu", size=size)
            for size, kind in enumerate(kinds)
        ),
        confidence=0.8,
        explained_by="inputs-unscaled" if unscaled(view) else None,
    )


def _squashing(view: View) -> list[Layer]:
    """Return the hidden layers with sigmoid or tanh units that were measured."""
    measured = set(view.table("units_saturated").sites)
    return [
        layer
        for layer in view.layers[:-1]
        if layer.activation_name.rstrip("_") in KINDS and layer.path in measured
    ]


def _share(view: View, layer: Layer) -> Evidence | None:
    table = view.table("units_saturated")
    worst = max((0, -1), key=lambda index: table.at(layer.path, index))
    share = table.at(layer.path, worst)
    if not share >= MOST:
        return None
    return Evidence("units_saturated", share, MOST, "of the units", layer.path, table.steps[worst])


def _say(layer: Layer, sign: Evidence) -> str:
    when = "before the first step" if sign.step == 0 else "at the end"
    return (
        f"{sign.measured * layer.outputs:.0f} of the {layer.outputs} {layer.activation_name} units of"
        f" layer {layer.path} are flat over the whole data {when}"
    )


rule = Rule(
    "N002",
    "saturated-units",
    ("setup", "units_saturated", "input_offset", "input_spread"),
    check,
    __doc__,
)
