"""The optimizer does not hold the parameters that should learn: only some, or another network's.

## What happens

Gradients arrive at every weight, and the optimizer steps, but some weights end exactly where they
began. Where it holds another network, the loss does not change at all.

## Why it stops learning

An optimizer updates the parameters that it was given when it was built, and no others. It may have
been given one part of the network, or the network that a variable held before it was replaced: by a
new one, or by a copy.

## When it is fine

Where a part is meant to stay as it is, such as the trained body of a network whose head is new.

## How it is proved

The parameters that the loss depends on are compared with those that the stepping optimizer holds. The
trial trains the same networks with all of them in its first group.

## Example

```diff
 import torch
 from torch import nn

 # brightness of a variable star (standardised) from two phases of its cycle
 phase = torch.rand(120, 2) * 2 - 1
 light = torch.sin(4 * phase[:, :1]) * phase[:, 1:]

 body = nn.Sequential(nn.Linear(2, 8), nn.Tanh())
 head = nn.Linear(8, 1)
 loss_fn = nn.MSELoss()
-optimizer = torch.optim.Adam(head.parameters(), lr=0.02)
+optimizer = torch.optim.Adam(list(head.parameters()) + list(body.parameters()), lr=0.02)

 for step in range(1500):
     optimizer.zero_grad()
     loss = loss_fn(head(body(phase)), light)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, *torch.optim*, "Constructing it".
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import HoldParameters
from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Parameter
from unstuck.core.transform import all_held
from unstuck.rules.goal import missed
from unstuck.rules.named import named

NONE = 0.0  # of the numbers that the loss depends on: whatever is left out cannot learn


def check(view: View) -> Iterator[Finding]:
    """Look for parameters that get a gradient, but belong to no group of the optimizer.

    Layers that the network itself does not know of are `params-not-registered`, frozen ones `frozen-params`.
    """
    short = missed(view)
    lost = [
        one for one in view.setup.parameters if one.group < 0 and not (one.hidden or one.frozen)
    ]
    if short is None or not lost:
        return
    share = sum(one.start.size for one in lost) / view.setup.size
    yield Finding(
        rule.code,
        rule.name,
        f"the optimizer does not hold {share:.0%} of the network's parameters ({named(lost)}), which"
        " therefore stay as they were drawn",
        (Evidence("setup", share, NONE, "of the parameters"), short),
        view.line("optimizer"),
        (_remedy(view, lost),),
        severity="high",
        confidence=0.9 if share == 1.0 else 0.7,
    )


def _remedy(view: View, lost: list[Parameter]) -> Change:
    built, forward = view.line("optimizer"), view.line("forward")
    slots = {one.slot for one in lost}
    ops = [op for op in view.setup.program.ops if op.line and slots & set(op.slots())]
    called = tuple(dict.fromkeys(Where(op.file, op.line) for op in ops))
    every = len(lost) == len(view.setup.parameters)
    names = tuple(one.name for one in view.setup.parameters)
    edits = (
        (HoldParameters(built, forward, called, every, names=names),) if built and forward else ()
    )
    return Change(
        rule.name,
        "let the optimizer hold all parameters of the network",
        all_held,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.BUG,
    )


rule = Rule("O011", "optimizer-wrong-params", ("setup", "ladder"), check, __doc__)
