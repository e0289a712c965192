"""A part of the network gets no gradient: it is cut off by `detach()`, `no_grad` or a detour.

## What happens

The forward pass computes with a part of the network, and then loses the way back to it: by `detach()`
or `.data`, inside `torch.no_grad()`, by a detour through numpy or a new `torch.tensor`, or by a step that stands still
while the network moves: `round`, a threshold, the class that `argmax` chooses. The optimizer
holds its weights, but their gradients never arrive. Torch complains, until the loss is told `requires_grad = True`.

## Why it stops learning

Torch records operations to go back along them. Where the record ends, everything before counts as data.
The layers behind the cut learn; those before it stay as they were drawn.

## When it is fine

Where the gradient is stopped on one of several ways and arrives on another; where targets are computed
without gradients, as by a teacher or a target network; where the part is trained by another loss.

## How it is proved

The operations are followed from the weights to the loss, also where no gradient is recorded. Weights from
which every way is cut are counted. The trial trains the same networks without the cuts.

## Example

```diff
 import torch
 from torch import nn

 # pull of a magnet (standardised) from its distance and its angle
 class Pull(nn.Module):
     def __init__(self):
         super().__init__()
         self.encoder = nn.Sequential(nn.Linear(2, 24), nn.Tanh())
         self.head = nn.Linear(24, 1)

     def forward(self, x):
-        features = self.encoder(x).detach()
+        features = self.encoder(x)
         return self.head(features)


 place = 4 * torch.rand(200, 2) - 2
 pull = torch.sin(3 * place[:, :1]) * place[:, 1:]
 model = Pull()
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for step in range(1500):
     optimizer.zero_grad()
     loss = loss_fn(model(place), pull)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, *torch.Tensor.detach* and *torch.no_grad*; "Autograd mechanics", section "Locally
  disabling gradient computation".
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import LetGradients
from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View
from unstuck.core.transform import attached, chosen, cuts, scored, severed
from unstuck.rules.goal import missed
from unstuck.rules.named import named

NONE = (
    0.0  # of the numbers that the loss depends on: one layer cut off is enough to be worth a trial
)


def check(view: View) -> Iterator[Finding]:
    """Look for weights that take gradients, and from which every way to the loss is cut.

    Weights that are frozen besides are `frozen-params`.
    """
    short = missed(view)
    cut = severed(view.setup.program)
    lost = [one for one in view.setup.parameters if one.slot in cut and not one.frozen]
    share = sum(one.start.size for one in lost) / max(view.setup.size, 1)
    if short is None or not share > NONE:
        return
    places = [Where(op.file, op.line) for op in cuts(view.setup.program) if op.line]
    lines = tuple(dict.fromkeys(places))
    yield Finding(
        rule.code,
        rule.name,
        f"no gradient reaches {share:.0%} of the network's parameters ({named(lost)}): what they compute is cut"
        " off from the loss",
        (Evidence("setup", share, NONE, "of the parameters"), short),
        lines[0] if lines else None,
        (_scored() if chosen(view.setup.program) else _remedy(lines),),
        severity="high",
        confidence=0.85,
    )


def _scored() -> Change:
    return Change(
        rule.name,
        "compare the scores of the classes with the targets (cross_entropy), and not the class that argmax"
        " chooses, through which no gradient gets",
        scored,
        (),
        Safety.SHOW,
        Kind.BUG,
        meant=True,
    )


def _remedy(lines: tuple[Where, ...]) -> Change:
    return Change(
        rule.name,
        "let gradients through to every part of the network",
        attached,
        (LetGradients(lines),) if lines else (),
        Safety.SAFE if lines else Safety.SHOW,
        Kind.BUG,
    )


rule = Rule("N010", "graph-detached", ("setup", "ladder"), check, __doc__)
