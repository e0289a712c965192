"""The gradient fades on its way back: the first layers get a tiny part of what the last one gets.

## What happens

The loss stays at that of a constant prediction for a long time, although nothing is saturated or dead.
The last layers move, and the first ones hardly do. With fewer layers the same script learns.

## Why it stops learning

Each layer multiplies the gradient by its weights and by the slope of its activation on the way back. A
sigmoid's slope is a quarter at most, and default starting values take half of the rest; a few such
layers leave a thousandth, ten leave nothing. No learning rate suits the first layer and the last.

## When it is fine

Where the optimizer makes up for it, as Adam does up to a point, and the run has the time; in front of a
part that is meant to stay as it is.

## How it is proved

The gradient that arrives at each hidden layer before the first step is compared with that at the
output. The trial trains the same networks with starting values that keep it level, with tanh in place
of sigmoids, or with both. Where units are saturated, or the script's own starting values are far too
large or small, that is the cause, and this is its mechanism.

## Example

```diff
 import torch
 from torch import nn

 # does a swing answer its push? only if force and speed have the same sign
 x = torch.randn(200, 2)
 y = (x[:, :1] * x[:, 1:] > 0).float()

 model = nn.Sequential(
     nn.Linear(2, 16), nn.Tanh(),
     nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(),
     nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(),
     nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(),
     nn.Linear(16, 1),
 )
+for layer in model.modules():
+    if isinstance(layer, nn.Linear):
+        nn.init.xavier_uniform_(layer.weight)
 loss_fn = nn.BCEWithLogitsLoss()
 optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

 for step in range(1500):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Glorot and Bengio (2010), *Understanding the Difficulty of Training Deep Feedforward Neural Networks*.
- He, Zhang, Ren and Sun (2015), *Delving Deep into Rectifiers*, arXiv:1502.01852, section 2.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.draws import touched
from unstuck.rules.fitting import fitting
from unstuck.rules.goal import missed

LEFT = 0.25**4  # of the gradient: four sigmoids in a row let through no more, whatever the weights


def check(view: View) -> Iterator[Finding]:
    """Compare the gradient that arrives at the first layer with that at the output."""
    short, table = missed(view), view.table("gradient_kept")
    first = table.sites[0]
    kept = table.at(first, 0)
    if short is None or not 0 < kept < LEFT:
        return
    remedies = fitting(view, rule.name)
    if not remedies:
        return
    yield Finding(
        rule.code,
        rule.name,
        f"of the gradient at the output, {kept:.1g} arrives at layer {first} before the first step,"
        f" {len(table.sites)} layers further back",
        (Evidence("gradient_kept", kept, LEFT, "of the gradient", first, 0, above=False), short),
        view.built(first),
        remedies,
        confidence=0.6,
        explained_by="bad-init-scale" if _drawn(view) else "saturated-units",
    )


def _drawn(view: View) -> bool:
    """Whether the script draws weights itself; where it does not, only saturation stands before this."""
    return any(layer.weight.filled and touched(view, layer.weight) for layer in view.layers)


rule = Rule("N012", "vanishing-gradients", ("setup", "ladder", "gradient_kept"), check, __doc__)
