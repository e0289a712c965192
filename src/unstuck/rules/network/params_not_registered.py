"""Layers stand in a plain list or dict, where `parameters()` does not find them.

## What happens

The network keeps some of its layers in a Python list or dict. They run in `forward` and get gradients,
but `model.parameters()` does not list them. The optimizer never hears of them, and they stay as they were
drawn.

## Why it stops learning

`nn.Module` registers layers that are attributes, and looks into no list. What is left to train is the rest:
often the last layer alone, on top of random features. Nor are such layers moved by `.to()` or saved.

## When it is fine

When the script hands their parameters to the optimizer by itself, or means them to stay as they are.

## How it is proved

Parameters that the loss depends on, that stand in a list or dict of the network, and that no optimizer
holds are counted. The trial trains the same networks with these parameters in the optimizer as well.

## Example

```diff
 import torch
 from torch import nn

 # energy of a spring that is stretched and then twisted
 class Spring(nn.Module):
     def __init__(self):
         super().__init__()
-        self.layers = [nn.Linear(2, 24), nn.Linear(24, 24)]
+        self.layers = nn.ModuleList([nn.Linear(2, 24), nn.Linear(24, 24)])
         self.out = nn.Linear(24, 1)

     def forward(self, x):
         for layer in self.layers:
             x = torch.tanh(layer(x))
         return self.out(x)


 x = 4 * torch.rand(300, 2) - 2
 y = torch.sin(3 * x[:, :1]) * x[:, 1:]
 model = Spring()
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 for epoch in range(1000):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, *torch.nn.ModuleList* and *torch.nn.ModuleDict*.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import RegisterLayers
from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Parameter
from unstuck.core.transform import registered
from unstuck.rules.goal import missed

NONE = 0  # numbers that are hidden from the optimizer: one layer is enough to be worth a trial


def check(view: View) -> Iterator[Finding]:
    """Look for parameters in lists and dicts of the network that no optimizer holds."""
    short = missed(view)
    hidden = [p for p in view.setup.parameters if p.hidden and p.group < 0]
    count = sum(int(p.start.size) for p in hidden)
    if short is None or not count > NONE:
        return
    names = tuple(dict.fromkeys(p.hidden for p in hidden))
    yield Finding(
        rule.code,
        rule.name,
        f"{count} of the {view.setup.size} numbers that the loss depends on are in layers that"
        f" parameters() does not find, in {' and '.join(names)}: no optimizer holds them",
        (Evidence("setup", count, NONE, "numbers", names[0]), short),
        _built(view, hidden[0]),
        (_remedy(view, hidden),),
        severity="high",
        confidence=0.95,
    )


def _built(view: View, parameter: Parameter) -> Where | None:
    return view.built(parameter.name.rpartition(".")[0])


def _remedy(view: View, hidden: list[Parameter]) -> Change:
    first = {p.hidden: _built(view, p) for p in reversed(hidden)}
    edits = tuple(
        RegisterLayers(place, name.rpartition(".")[2]) for name, place in first.items() if place
    )
    known = len(edits) == len(first)
    return Change(
        rule.name,
        "register the layers in "
        + " and ".join(reversed(first))
        + " (nn.ModuleList, nn.ModuleDict)",
        registered,
        edits if known else (),
        Safety.SAFE if known else Safety.SHOW,
        Kind.BUG,
    )


rule = Rule(
    "N011",
    "params-not-registered",
    ("setup", "ladder"),
    check,
    __doc__,
)
