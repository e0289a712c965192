"""This start cannot learn, though most starts do; it shows before the first step.

## What happens

The same script, started again, learns. This time the random weights happened to switch off a whole
layer, or to map rows with different targets onto one and the same hidden row.

## Why it stops learning

Rows that are merged at the start get the same prediction and the same gradient: nothing pulls them
apart. A layer whose units are all off passes no gradient at all.

## When it is fine

When the run is repeated over several seeds anyway and the best is kept. Where many starts fail the
start is not to blame: the layers are too narrow, or their activation is at fault.

## How it is proved

Dead units and merged rows are counted in the untrained network. The trial trains the recorded start
against fresh draws of the same network.

## Example

```diff
 import torch
 from torch import nn

-torch.manual_seed(9566)
+torch.manual_seed(<seed=1>)

 # how loud are two loudspeakers together?
 volume = torch.linspace(0, 1, 15)
 x = torch.cartesian_prod(volume, volume)
 y = x.mean(1, keepdim=True)

 model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for step in range(500):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Lu, Shin, Su and Karniadakis (2019), *Dying ReLU and Initialization: Theory and Numerical Examples*,
  arXiv:1903.06733: networks that are born dead.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 8.4, on starting points.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import SetSeed
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import redrawn
from unstuck.rules.goal import missed
from unstuck.rules.merged import merged

MOST = 0.75  # of a layer's units, off at the start: default draws leave about half of them on
OTHER_SEED = 1  # a placeholder: before it is tried, no other seed is better than the next


def check(view: View) -> Iterator[Finding]:
    """Look for dead layers and merged rows in the network as it was drawn, if the goal was missed."""
    short = missed(view)
    if short is None:
        return
    off, rows = _off(view), merged(view, 0)
    if off is None and rows is None:
        return
    yield Finding(
        rule.code,
        rule.name,
        "the weights as they were drawn " + " and ".join(_say(one) for one in (off, rows) if one),
        tuple(one for one in (off, rows, short) if one is not None),
        view.line("seed"),
        (_remedy(view),),
        confidence=0.7 if off and off.measured == 1 else 0.4,
    )


def _off(view: View) -> Evidence | None:
    """Return the hidden layer with the largest share of units that begin switched off."""
    table = view.table("units_off")
    hidden = [layer.path for layer in view.layers[:-1] if layer.path in table.sites]
    worst = max(hidden, key=lambda path: table.at(path, 0), default=None)
    if worst is None or not table.at(worst, 0) >= MOST:
        return None
    return Evidence("units_off", table.at(worst, 0), MOST, "of the units", worst, 0)


def _say(one: Evidence) -> str:
    if one.quantity == "units_off":
        return f"switch off {one.measured:.0%} of the units of layer {one.site} for every row"
    return (
        f"merge rows with different targets in layer {one.site}, which puts {one.measured:.0%} of the"
        " constant's loss out of reach"
    )


def _remedy(view: View) -> Change:
    seed = view.line("seed")
    return Change(
        rule.name,
        "start again from other random weights" + (": set another seed" if seed else ""),
        redrawn,
        (SetSeed(seed, OTHER_SEED),) if seed else (),
        Safety.SAFE if seed else Safety.SHOW,
        Kind.SETTING,
    )


rule = Rule(
    "N005",
    "unlucky-init",
    ("setup", "ladder", "units_off", "collision_floor"),
    check,
    __doc__,
)
