"""The hidden layers are so small that few starts, or none, can fit the data.

## What happens

A layer of two or three units has to place every one of them well. Most random starts cannot get there:
units die, two units do the same job, or two rows that differ become one and the same hidden row, and
the loss settles on a plateau above zero, another one for each start.

## Why it stops learning

What a hidden layer has merged no later layer can tell apart, and a unit that is off for all rows gets
no gradient to come back. Sometimes no setting of the weights could fit at all; more often one exists
and gradient descent rarely finds it from where it begins. Spare units make it likely that enough of
them begin in useful places.

## When it is fine

When the goal is reached; when the loss is still falling, so that time is what is missing; when a small
network is what is wanted, and starting it several times is no trouble.

## How it is proved

Rows that the hidden layers have merged are counted at the end, beside the sizes. The trial trains the
same network at 2 to 16 times its widths, and keeps the narrowest that suffices.

## Example

```diff
 import torch
 from torch import nn

 # is a point of the plane nearer to the mast than the range of its antenna?
 x = torch.randn(200, 2)
 y = (x.norm(dim=1, keepdim=True) < 1.2).float()

 model = nn.Sequential(
-    nn.Linear(2, 2),
+    nn.Linear(2, <width=16>),
     nn.Tanh(),
-    nn.Linear(2, 1),
+    nn.Linear(<width>, 1),
 )
 loss_fn = nn.BCEWithLogitsLoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.05)

 for step in range(800):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Goodfellow, Bengio and Courville (2016), *Deep Learning*, sections 5.2 and 6.4.1, on capacity.
- Lu, Shin, Su and Karniadakis (2019), *Dying ReLU and Initialization: Theory and Numerical Examples*,
  arXiv:1903.06733: narrow networks die more often.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import Resize
from unstuck.core.finding import Evidence, Finding
from unstuck.core.layers import Layer
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View
from unstuck.core.transform import wider, widths
from unstuck.rules.goal import missed
from unstuck.rules.merged import merged

NARROW = 8  # units: below about ten the share of starts that succeed falls steeply with the width
FACTORS = (2, 4, 8, 16)  # each step doubles the units; the smallest that suffices is kept


def check(view: View) -> Iterator[Finding]:
    """Suspect narrow layers, merged rows and too few parameters wherever the goal was missed."""
    short, hidden = missed(view), widths(view.setup)
    if short is None or not hidden:
        return
    numbers = _numbers(view)
    rows = merged(view, -1)
    narrow = Evidence("setup", min(hidden), NARROW, "units", "narrowest layer", above=False)
    few = Evidence("setup", view.setup.size, numbers, "parameters", above=False)
    signs = [one for one in (narrow, few) if one.measured <= one.threshold]
    if rows is None and not signs:
        return
    yield Finding(
        rule.code,
        rule.name,
        f"hidden layers of {'-'.join(map(str, hidden))} units ({view.setup.size} parameters) for"
        f" {numbers} target values" + _say(rows),
        (*([rows] if rows else []), *signs, short),
        view.built(view.layers[0].path),
        tuple(_remedy(view, factor, size) for size, factor in enumerate(FACTORS)),
        confidence=0.8 if rows else 0.4,
    )


def _numbers(view: View) -> int:
    """Return how many target values there are to fit."""
    return int(view.value("rows", "rows") * max(view.value("rows", "targets"), 1.0))


def _say(rows: Evidence | None) -> str:
    if rows is None:
        return ""
    return (
        f"; layer {rows.site or 'input'} has merged rows with different targets, which leaves"
        f" {rows.measured:.0%} of the constant's loss out of reach of every later layer"
    )


def _remedy(view: View, factor: int, size: int) -> Change:
    chain = view.layers
    places = [view.built(layer.path) for layer in chain]
    edits = tuple(
        _resize(layer, place, factor if number else 1, factor if layer is not chain[-1] else 1)
        for number, (layer, place) in enumerate(zip(chain, places, strict=True))
        if place is not None
    )
    known = len(edits) == len(chain)
    now = "-".join(str(width * factor) for width in widths(view.setup))
    return Change(
        rule.name,
        f"make the hidden layers {factor} times as wide ({now})",
        functools.partial(wider, factor=factor),
        edits if known else (),
        Safety.SAFE if known else Safety.SHOW,
        Kind.ARCHITECTURE,
        size,
    )


def _resize(layer: Layer, place: Where, inputs: int, outputs: int) -> Resize:
    sizes = (layer.inputs, layer.inputs * inputs), (layer.outputs, layer.outputs * outputs)
    return Resize(place, "Linear", *sizes)


rule = Rule(
    "N004",
    "too-little-capacity",
    ("setup", "ladder", "rows", "collision_floor"),
    check,
    __doc__,
)
