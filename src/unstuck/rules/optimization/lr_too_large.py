"""The learning rate is so large that steps overshoot: the loss blows up, jumps about, or units die.

## What happens

The loss grows to infinity, or rattles up and down without getting anywhere; or it blows up once, early
on, and then stands still because the weights were thrown where every unit is off.

## Why it stops learning

A step of gradient descent shortens the way to the minimum only along directions whose curvature is
below 2/rate. Along a steeper one it lands farther away on the other side, and the next step farther
still. Networks can stay just past that edge for a while, but not far past it.

## When it is fine

At the edge itself: full-batch gradient descent drifts there by itself and learns on, with a loss that
is bumpy from step to step and falls all the same.

## How it is proved

The rate is compared with the largest stable one at the start; the loss is tested for whether it is
still a number, above where it began, or swinging. The trial trains the same networks at 0.3 to 0.001
of the rate, and keeps the largest that suffices.

## Example

```diff
 import torch
 from torch import nn
 from torch.utils.data import DataLoader, TensorDataset

 # yield of a field from rain and sun (as departures from an average year)
 x = torch.rand(160, 2) * 2 - 1
 y = torch.exp(-3 * (x[:, :1] - 0.3) ** 2) + torch.exp(-3 * (x[:, 1:] + 0.2) ** 2) - 1
 loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
-optimizer = torch.optim.SGD(model.parameters(), lr=2.0, momentum=0.9)
+optimizer = torch.optim.SGD(model.parameters(), lr=<rate=0.05>, momentum=0.9)

 for epoch in range(100):
     for xb, yb in loader:
         optimizer.zero_grad()
         loss = loss_fn(model(xb), yb)
         loss.backward()
         optimizer.step()
 print("loss", loss.item())
```

## References

- Cohen, Kaur, Li, Kolter and Talwalkar (2021), *Gradient Descent on Neural Networks Typically Occurs
  at the Edge of Stability*, arXiv:2103.00065.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 11.4.1, on the learning rate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.goal import missed
from unstuck.rules.rate import ADAPTIVE, other_rates

EDGE = 1.0  # of 2/lambda_max: beyond it descent on a quadratic diverges (Cohen et al. 2021)
LEAP = 1.0  # spreads of the targets: one adaptive step crosses all that there is to predict
RATTLE = 0.1  # of the way from constant to goal, a step: the last tenth of it is never settled
GROWN = 1.05  # of start and constant, the larger: stuck runs end on it, give or take a batch
FACTORS = (0.3, 0.1, 0.03, 0.01, 0.001)  # half a power of ten each: finer is within the noise


def check(view: View) -> Iterator[Finding]:
    """Look for a rate past the edge, a loss that blew up or grew, and one that keeps swinging."""
    short = missed(view)
    if short is None:
        return
    worse, far, rattle = _worse(view), _far(view), _rattle(view)
    signs = tuple(one for one in (worse, far, rattle) if one is not None)
    remedies = other_rates(view, rule.name, FACTORS)
    if not signs or not remedies:
        return
    yield Finding(
        rule.code,
        rule.name,
        f"the learning rate, {view.setup.optimizer.rate:g}, may be too large: "
        + ", and ".join(_say(one) for one in signs),
        (*signs, short),
        view.line("optimizer"),
        remedies,
        severity="high" if worse else "medium",
        confidence=0.8 if len(signs) > 1 else 0.5,
    )


def _worse(view: View) -> Evidence | None:
    """Return the final loss where it is no number, or well above where it began and a constant's."""
    last = float(view.table("loss").values[-1, 0])
    start, constant, end = (view.value("ladder", rung) for rung in ("start", "constant", "end"))
    began = GROWN * max((one for one in (start, constant) if math.isfinite(one)), default=math.inf)
    if not math.isfinite(last):
        return Evidence("loss", last, began, "loss")
    return Evidence("ladder", end, began, "loss", "end") if end > began else None


def _far(view: View) -> Evidence | None:
    ratio = view.value("rate_over_edge")
    adaptive = view.setup.optimizer.kind in ADAPTIVE
    threshold = LEAP if adaptive else EDGE
    unit = "spreads of the targets a step" if adaptive else "of the largest stable rate"
    return Evidence("rate_over_edge", ratio, threshold, unit) if ratio > threshold else None


def _rattle(view: View) -> Evidence | None:
    swing = view.value("swing")
    unit = "of the way from constant to goal, a step"
    return Evidence("swing", swing, RATTLE, unit) if swing > RATTLE else None


def _say(sign: Evidence) -> str:
    match sign.quantity:
        case "loss":
            return "the loss is no longer a number"
        case "ladder":
            return f"the loss ended at {sign.measured:.4g}, above where it began"
        case "rate_over_edge" if sign.unit.endswith("a step"):
            return f"one step moves the predictions by {sign.measured:.2g} spreads of the targets"
        case "rate_over_edge":
            return f"it is {sign.measured:.2g} times the largest that is stable at the start"
    return f"the loss changes by {sign.measured:.0%} of the whole way from one step to the next"


rule = Rule(
    "O004",
    "lr-too-large",
    ("setup", "loss", "ladder", "rate_over_edge", "swing"),
    check,
    __doc__,
)
