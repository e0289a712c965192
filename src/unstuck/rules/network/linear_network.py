"""No activation stands between the layers, so the whole network is one linear map.

## What happens

However many layers there are and however wide, the predictions lie on a straight line, plane or
hyperplane. What is linear in the data is learnt well; the loss settles exactly where a linear
regression would, and stays there.

## Why it stops learning

A matrix times a matrix is a matrix: stacked linear layers can express nothing that one layer cannot.
No number of units or epochs bends a line.

## When it is fine

When the pattern is linear (then one layer would do), or where two linear layers form a bottleneck on
purpose.

## How it is proved

The traced operations are searched for anything that bends, and a straight line is fitted to the
network's own output: it explains all of it. The trial trains the same networks with ReLU behind every
hidden layer.

## Example

```diff
 import torch
 from torch import nn

 # power drawn: voltage times current (both standardised)
 x = torch.randn(200, 2)
 y = x[:, :1] * x[:, 1:]

 model = nn.Sequential(
     nn.Linear(2, 32),
+    nn.ReLU(),
     nn.Linear(32, 32),
+    nn.ReLU(),
     nn.Linear(32, 1),
 )
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 for epoch in range(400):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 6.1, on XOR and linear models.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import InsertActivation
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import with_activation
from unstuck.rules.goal import missed
from unstuck.rules.places import called

STRAIGHT = 1e-6  # of the output's variance: linear networks measure 1e-12, healthy ones .06 to .5


def check(view: View) -> Iterator[Finding]:
    """Look for stacked linear layers with nothing between them, where a straight line falls short."""
    hidden, short = view.layers[:-1], missed(view)
    if not hidden or short is None or any(layer.activation is not None for layer in hidden):
        return
    bent = view.value("nonlinear_share", index=0)
    if not bent < STRAIGHT:
        return
    line = view.value("ladder", "linear")
    enough = math.isfinite(line) and line <= short.threshold
    yield Finding(
        rule.code,
        rule.name,
        f"no activation stands between the {len(view.layers)} linear layers, so together they are one:"
        f" the loss is {short.measured:.4g}" + _beside(line),
        (Evidence("nonlinear_share", bent, STRAIGHT, "of the output", above=False), short),
        view.built(hidden[0].path) or called(view.setup.program.ops[hidden[0].op]),
        (_remedy(view),),
        severity="low" if enough else "high",
        confidence=0.3 if enough else 0.95,
    )


def _beside(line: float) -> str:
    return f", and the best linear model's is {line:.4g}" if math.isfinite(line) else ""


def _remedy(view: View) -> Change:
    hidden = view.layers[:-1]
    paths = tuple(layer.path for layer in hidden)
    built = tuple(view.built(path) for path in paths)
    calls = tuple(called(view.setup.program.ops[layer.op]) for layer in hidden)
    known = all(a or b for a, b in zip(built, calls, strict=True))
    return Change(
        rule.name,
        "put a ReLU behind " + ("the hidden layer" if len(hidden) == 1 else "every hidden layer"),
        functools.partial(with_activation, names=paths, function="relu"),
        (InsertActivation(built, calls, paths, "relu"),) if known else (),
        Safety.SAFE if known else Safety.SHOW,
        Kind.BUG,
    )


rule = Rule(
    "N001",
    "linear-network",
    ("setup", "ladder", "nonlinear_share"),
    check,
    __doc__,
)
