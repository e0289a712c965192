"""The penalty on large weights is so strong that the weights cannot become what a fit needs.

## What happens

The loss falls a little, or not at all, and stays there. The weights end smaller than they began, the
predictions lie close to one value.

## Why it stops learning

Weight decay pulls every weight towards zero at each update. Where that pull is as strong as the
gradient of the loss, both are in balance far from a fit: in the extreme at zero, where the network is
a constant. A longer run or another rate does not move the balance.

## When it is fine

Weak, it keeps a network from learning noise by heart. It does no harm while its pull is small beside
the gradient, and 0.0001 to 0.01 is usual, depending on the optimizer.

## How it is proved

The pull on the last weights is compared with the last gradient, as clipping left it; for AdamW, whose decay does not pass
through the gradient, the share of a weight that it takes away in the whole run is computed. The trial
trains the same networks with a tenth and a hundredth of the decay, and without.

## Example

```diff
 import torch
 from torch import nn

 # length of the day (as a departure from twelve hours) by date and latitude, both scaled to [-1, 1]
 place = torch.rand(120, 2) * 2 - 1
 length = torch.sin(3 * place[:, :1]) * place[:, 1:]

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
-optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=0.1)
+optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=<decay=0.001>)

 for step in range(800):
     optimizer.zero_grad()
     loss = loss_fn(model(place), length)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Loshchilov and Hutter (2019), *Decoupled Weight Decay Regularization*, arXiv:1711.05101.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 7.1.1, on parameter norm penalties.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import SetArgument
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import with_decay
from unstuck.rules.goal import missed
from unstuck.rules.rate import tidy

PULL = 0.1  # of the gradient: a weaker pull turns its direction by less than six degrees
GONE = 0.5  # of a weight in a run: a weaker decay leaves most of it alone
FACTORS = (0.1, 0.01, 0.0)  # a power of ten each: the balance moves in proportion


def check(view: View) -> Iterator[Finding]:
    """Compare the pull of the penalty with that of the loss."""
    short, decay = missed(view), _decay(view)
    if short is None or not decay > 0:
        return
    sign = _gone(view, decay) if view.setup.optimizer.kind == "AdamW" else _pull(view, decay)
    if not sign.measured > sign.threshold:
        return
    yield Finding(
        rule.code,
        rule.name,
        f"the weight decay, {decay:g}, may be too strong: its pull on the weights is"
        f" {sign.measured:.2g} {sign.unit}",
        (sign, short),
        view.line("optimizer"),
        tuple(_remedy(view, decay, factor, size) for size, factor in enumerate(FACTORS)),
        confidence=0.6,
    )


def _decay(view: View) -> float:
    """Return the strongest decay of all parameter groups."""
    return max(float(group.get("weight_decay") or 0.0) for group in view.setup.optimizer.groups)


def _pull(view: View, decay: float) -> Evidence:
    weights = [p.end if p.end is not None else p.start for p in view.setup.parameters]
    length = math.sqrt(sum(float(np.square(one, dtype=np.float64).sum()) for one in weights))
    cleared = view.setup.loop.clears == "between"  # what the update finds says nothing then
    name = "gradient_after_backward" if cleared else "gradient_at_step"
    gradient = view.value(name)
    pull = decay * length / gradient if gradient > 0 else math.inf
    return Evidence(name, pull, PULL, "times the gradient")


def _gone(view: View, decay: float) -> Evidence:
    """Return the share of a weight that decoupled decay alone takes away from start to end."""
    setup = view.setup
    kept = math.exp(-setup.optimizer.rate * decay * setup.made)
    return Evidence("setup", 1.0 - kept, GONE, "of each weight in the whole run")


def _remedy(view: View, decay: float, factor: float, size: int) -> Change:
    optimizer, line = view.setup.optimizer, view.line("optimizer")
    value = tidy(decay * factor) if factor else 0.0
    one = len({group.get("weight_decay") for group in optimizer.groups}) == 1
    edits = (
        (SetArgument(line, optimizer.kind, "weight_decay", None, value, decay),)
        if line and one
        else ()
    )
    return Change(
        rule.name,
        f"set the weight decay to {value:g} (it is {decay:g})",
        functools.partial(with_decay, factor=value / decay),
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.SETTING,
        size,
    )


rule = Rule(
    "O007",
    "weight-decay-too-strong",
    ("setup", "ladder", "gradient_at_step", "gradient_after_backward"),
    check,
    __doc__,
)
