"""Layers that should learn are frozen: `requires_grad` is off, and they stay as they were.

## What happens

Some of the network's weights do not take gradients: `requires_grad = False` was set on them, often in a
loop over all of `parameters()`. The optimizer passes over them, and they end as they began.

## Why it stops learning

What is left to train stands on layers that nobody adapted to the task. Where these were learnt before, on
data like these, that is the point of freezing. Where they were only drawn, the rest of the network has to
make do with random features, and often there are too few of them.

## When it is fine

Where the frozen part was trained before and suits the task, or the network reaches its goal all the same:
then it is no cause. Tables that are meant to be fixed, such as positions or masks, are often kept this way.

## How it is proved

Weights that the loss depends on and that take no gradient are counted. The trial trains the same networks
with every weight taking its gradient; frozen weights that the script loaded or trained before start from
what they were.

## Example

```diff
 import torch
 from torch import nn

 # loudness of a bell (standardised) from where and how hard it is struck
 strike = 4 * torch.rand(200, 2) - 2
 loudness = torch.sin(2 * strike[:, :1]) * strike[:, 1:]

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
-for parameter in model[0].parameters():
-    parameter.requires_grad = False
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for step in range(1200):
     optimizer.zero_grad()
     loss = loss_fn(model(strike), loudness)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, "Autograd mechanics", section "Setting requires_grad".
- Yosinski, Clune, Bengio and Lipson (2014), *How transferable are features in deep neural networks?*,
  arXiv:1411.1792, on frozen and fine-tuned layers.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import Edit, HoldParameters, LetGradients, Unfreeze
from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Parameter
from unstuck.core.transform import cuts, unfrozen
from unstuck.rules.goal import missed
from unstuck.rules.named import named

NONE = (
    0.0  # of the numbers that the loss depends on: one frozen layer is enough to be worth a trial
)


def check(view: View) -> Iterator[Finding]:
    """Look for weights of the network that take no gradient."""
    short = missed(view)
    frozen = [one for one in view.setup.parameters if one.frozen]
    share = sum(one.start.size for one in frozen) / max(view.setup.size, 1)
    if short is None or not share > NONE:
        return
    lines = _lines(frozen)
    yield Finding(
        rule.code,
        rule.name,
        f"{share:.0%} of the network's parameters ({named(frozen)}) are frozen: they take no gradient, and end"
        " as they began",
        (Evidence("setup", share, NONE, "of the parameters"), short),
        lines[0] if lines else None,
        (_remedy(view, frozen, lines),),
        severity="high",
        confidence=0.6 if _learnt(frozen) else 0.8,
    )


def _learnt(frozen: list[Parameter]) -> bool:
    """Whether some of these values were loaded or trained, and not just drawn."""
    return any(draw.how == "keep" for one in frozen for draw in one.draws)


def _lines(frozen: list[Parameter]) -> tuple[Where, ...]:
    """Return the lines that froze them, or where they were made so."""
    found = [place for one in frozen for place in one.froze or ((one.made,) if one.made else ())]
    return tuple(Where(*place) for place in dict.fromkeys(found))


def _remedy(view: View, frozen: list[Parameter], lines: tuple[Where, ...]) -> Change:
    edits: list[Edit] = [Unfreeze(lines)]
    stopped = tuple(dict.fromkeys(Where(op.file, op.line) for op in cuts(view.setup.program)))
    if stopped:
        edits.append(LetGradients(stopped))
    built, forward = view.line("optimizer"), view.line("forward")
    lost = {one.slot for one in frozen if one.group < 0}
    if lost and built and forward:
        ops = [op for op in view.setup.program.ops if op.line and lost & set(op.slots())]
        called = tuple(dict.fromkeys(Where(op.file, op.line) for op in ops))
        edits.append(HoldParameters(built, forward, called, every=False, thawed=True))
    known = bool(lines) and all(one.froze or one.made for one in frozen)
    known = known and not (lost and len(edits) == 1 + bool(stopped))
    return Change(
        rule.name,
        "let every weight take its gradient, and the optimizer update it",
        unfrozen,
        tuple(edits) if known else (),
        (Safety.UNSAFE if _learnt(frozen) else Safety.SAFE) if known else Safety.SHOW,
        Kind.ARCHITECTURE if _learnt(frozen) else Kind.BUG,
    )


rule = Rule("N009", "frozen-params", ("setup", "ladder"), check, __doc__)
