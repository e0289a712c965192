"""The activation at the network's end cannot say what the targets are.

## What happens

The last layer's output goes through an activation that has a range: ReLU gives nothing below zero,
sigmoid nothing outside 0 to 1, tanh nothing outside −1 to 1, and a softmax over one unit is always 1. The
targets lie elsewhere. The predictions end at the edge of the range, and the loss settles above zero.

## Why it stops learning

No setting of the weights produces a value outside the range, so a part of the loss cannot be removed.
And at the edge of the range the activation is flat: rows whose targets lie beyond it push the output
there, where no gradient is left to bring it back for the other rows.

## When it is fine

When the targets lie within the range, as probabilities do for a sigmoid, or the output is scaled to
them behind the activation.

## How it is proved

Each target is replaced by the nearest value that the activation allows, and the script's own loss
is taken of these: no training gets below it. Where the loss takes the output for something else, as
`PoissonNLLLoss` does for the logarithm of a rate, the best constant prediction takes the place of the
targets. The trial trains the same networks without the activation.

## Example

```diff
 import torch
 from torch import nn

 # by how much a lake rises or falls, from rain and evaporation (both standardised)
 x = torch.randn(200, 2)
 y = torch.sin(2 * x[:, :1]) - 0.5 * x[:, 1:]

 model = nn.Sequential(
     nn.Linear(2, 32),
     nn.ReLU(),
     nn.Linear(32, 1),
-    nn.ReLU(),
 )
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 for epoch in range(600):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 6.2.2, on output units.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import DropActivation, ReplaceActivation
from unstuck.core.finding import Evidence, Finding
from unstuck.core.layers import RANGES, compared_by, ending
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Op
from unstuck.core.transform import replaced_end, without_end
from unstuck.rules.goal import missed
from unstuck.rules.places import written

OUT = 0.01  # of the constant's loss: less is a tenth at most of what the goal leaves to detail


def check(view: View) -> Iterator[Finding]:
    """Compare the loss of the nearest allowed predictions with the constant's, if the goal was missed."""
    short, end = missed(view), ending(view.setup.program)
    share = view.value("out_of_reach", "share")
    if short is None or end is None or not share > OUT:
        return
    floor = view.value("out_of_reach", "loss")
    yield Finding(
        rule.code,
        rule.name,
        f"the network ends in {_range(end)}, but {_outside(view, floor)}, and the goal is"
        f" {short.threshold:.4g}",
        (Evidence("out_of_reach", share, OUT, "of the constant's loss", "share"), short),
        written(view, end),
        (_remedy(view, end),),
        severity="high" if floor > short.threshold else "medium",
        confidence=0.95 if floor > short.threshold else 0.7,
    )


def _outside(view: View, floor: float) -> str:
    constant, off = (view.value("out_of_reach", site) for site in ("constant", "targets"))
    if math.isfinite(constant):
        return (
            f"this loss, which takes the output for something else than the target itself, asks for"
            f" {constant:.4g} on average: the nearest that it can give scores {floor:.4g}"
        )
    return (
        f"{off:.0%} of the target values lie outside: no weights bring the loss below {floor:.4g}"
    )


def _range(end: Op) -> str:
    name = end.short.rstrip("_")
    if name == "softmax":
        return "a softmax, whose values add up to 1"
    low, high = RANGES[name]
    return f"{name}, whose values are at least {low:g}" + (
        f" and at most {high:g}" if high < 1e9 else ""
    )


def _remedy(view: View, end: Op) -> Change:
    place, name = written(view, end), end.short.rstrip("_")
    safety = Safety.SAFE if place else Safety.SHOW
    if "binary_cross_entropy" in compared_by(
        view.setup.program
    ):  # it takes probabilities: of one unit, by a sigmoid
        replace = (ReplaceActivation((place,), name, "sigmoid"),) if place else ()
        say = f"end in a sigmoid instead of the {name}"
        other = functools.partial(replaced_end, new="sigmoid")
        return Change(rule.name, say, other, replace, safety, Kind.BUG)
    drop = (DropActivation(place, name),) if place else ()
    say = f"drop the {name} at the network's end"
    return Change(rule.name, say, without_end, drop, safety, Kind.BUG)


rule = Rule(
    "N006",
    "missing-output-match",
    ("setup", "ladder", "out_of_reach"),
    check,
    __doc__,
)
