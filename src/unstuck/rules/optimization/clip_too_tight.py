"""Gradients are clipped so tightly that the limit, and no longer the loss, decides every step.

## What happens

The loss goes down by the same hair at each update. The gradients look healthy where backward leaves
them, and are cut to a small part of that before the optimizer sees them.

## Why it stops learning

A clipped update has the length of the limit times the rate, however far there is to go. With a limit
of 0.001 and a rate of 0.1 the weights travel 0.0001 a step, and need ten thousand steps for a distance
of one.

## When it is fine

As a guard against rare large gradients: then most steps are not clipped at all. With Adam and its kin
tight clipping at *every* step by the same factor is cancelled by their own scaling.

## How it is proved

The norm of the gradient after backward is compared with the norm that the update finds. The trial
trains the same networks with the limit raised ten to ten thousand times.

## Example

```diff
 import torch
 from torch import nn

 # how far a ball flies (standardised) from its speed and its angle
 x = torch.rand(120, 2) * 2 - 1
 y = torch.sin(3 * x[:, :1]) * x[:, 1:]

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

 for step in range(1500):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
-    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.0005)
+    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=<norm=0.5>)
     optimizer.step()
 print("loss", loss.item())
```

## References

- Pascanu, Mikolov and Bengio (2013), *On the Difficulty of Training Recurrent Neural Networks*,
  arXiv:1211.5063, section 3.2, on clipping and its threshold.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import SetArgument
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import with_clip
from unstuck.rules.goal import missed
from unstuck.rules.rate import tidy

KEPT = 0.3  # of the gradient, at the usual step: a guard leaves the usual step alone
FACTORS = (10.0, 100.0, 1000.0, 10_000.0)  # a power of ten each: the rate takes care of the rest


def check(view: View) -> Iterator[Finding]:
    """Compare the gradient that the update finds with the one that backward left."""
    short, loop = missed(view), view.setup.loop
    limit = loop.clip_norm if loop.clip_norm is not None else loop.clip_value
    if short is None or limit is None:
        return
    kept = _kept(view)
    if not kept < KEPT:
        return
    what = "norm" if loop.clip_norm is not None else "value"
    yield Finding(
        rule.code,
        rule.name,
        f"gradients are clipped to a {what} of {limit:g} at the usual step, which leaves {kept:.2g} of"
        " what backward found",
        (Evidence("gradient_at_step", kept, KEPT, "of the gradient", above=False), short),
        view.line("clip") or view.line("step"),
        tuple(_remedy(view, what, limit, factor, size) for size, factor in enumerate(FACTORS)),
        confidence=0.7,
    )


def _kept(view: View) -> float:
    """Return which share of the gradient's norm is left for the update, at the usual watched step."""
    made, used = view.table("gradient_after_backward"), view.table("gradient_at_step")
    norms = dict(zip(made.steps, made.values[:, 0], strict=True))
    shares = [
        norm / norms[step]
        for step, norm in zip(used.steps, used.values[:, 0], strict=True)
        if norms.get(step, 0.0) > 0
    ]
    return float(np.median(shares)) if shares else float("nan")


def _remedy(view: View, what: str, limit: float, factor: float, size: int) -> Change:
    line, value = view.line("clip"), tidy(limit * factor)
    call, name = (
        ("clip_grad_norm_", "max_norm") if what == "norm" else ("clip_grad_value_", "clip_value")
    )
    edits = (SetArgument(line, call, name, 1, value, limit),) if line else ()
    return Change(
        rule.name,
        f"clip gradients to a {what} of {value:g} (it is {limit:g})",
        functools.partial(with_clip, factor=value / limit),
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.SETTING,
        size,
    )


rule = Rule(
    "O009",
    "clip-too-tight",
    ("setup", "ladder", "gradient_at_step", "gradient_after_backward"),
    check,
    __doc__,
)
