"""One class is so rare that the network passes it over, and scores well by never naming it.

## What happens

Nearly all predictions are right, and all of them are the same. The loss falls at once to that of a constant
prediction, which is low already, and from there hardly at all. The rare class is never recognised.

## Why it stops learning

A row counts as much as any other. With one row in fifty the pull towards what tells the rare class apart is a
fiftieth of what it would be among equals, and the rows of the others pull the other way until they are sure.
The training ends before the rest is learnt.

## When it is fine

Where the rare class is learnt in spite of it, or where these inputs do not tell it apart: then no weight helps,
it only moves the threshold. A run that would get there in half the time again is only too short. Weights
are not the only remedy; many more steps are another.

## How it is proved

The share of the rarest class, and of its rows that are recognised, are measured. The trial trains the same
networks with weights that give every class the same part in the loss. Both arms are judged by the script's own
loss: a class that counts w times raises the best logits by log(w), which is taken off again before they are judged.

## Example

```diff
 import torch
 from torch import nn

 torch.manual_seed(1)
 # which bottles leak? twenty of a thousand do: those whose fill and pressure (standardised) are far from usual
 x = torch.randn(1000, 2)
 y = torch.zeros(1000, 1)
 y[x.pow(2).sum(1).topk(20).indices] = 1.0

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
-loss_fn = nn.BCEWithLogitsLoss()
+loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([<weight=49.0>]))
 optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

 for epoch in range(300):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- King and Zeng (2001), *Logistic Regression in Rare Events Data*, Political Analysis 9(2): weights, and the
  correction of the logits that takes their effect back.
- Menon et al. (2021), *Long-tail Learning via Logit Adjustment*, ICLR, arXiv:2007.07314.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import WeighClasses
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import weighable, weighed
from unstuck.rules.goal import missed

RARE = 0.1  # of the rows, or of what is a class's part: one in ten is where textbooks begin to warn
PASSED_OVER = 0.33  # of its rows: with fewer recognised, most are passed over
TOLD_APART = 0.5  # of the constant's loss on unseen rows: less, and the inputs hardly tell it apart
SHORT = 5.0  # times the last tenth's gain: what a run half as long again would add at that pace


def check(view: View) -> Iterator[Finding]:
    """Look for a rare class that is passed over although learners tell it apart."""
    short = missed(view)
    share, recall = (view.value("rare_class", site) for site in ("share", "recall"))
    known = view.value("signal_r2", "learner")
    if short is None or not share <= RARE or not recall < PASSED_OVER or not known > TOLD_APART:
        return
    way = view.value("ladder", "constant") - short.threshold
    if not (short.measured - short.threshold) / way > SHORT * view.value("progress", "late"):
        return
    yield Finding(
        rule.code,
        rule.name,
        f"{share:.1%} of the rows are of the rarest class, and of these the network recognises {recall:.0%},"
        f" while a standard learner explains {known:.0%} of unseen rows",
        (
            Evidence("rare_class", share, RARE, "of the rows", "share", above=False),
            Evidence("rare_class", recall, PASSED_OVER, "of its rows", "recall", above=False),
            short,
        ),
        view.line("loss_built") or view.line("loss"),
        (_remedy(view),),
        confidence=0.6,
    )


def _remedy(view: View) -> Change:
    weights = _weights(view)
    lines = tuple(line for line in (view.line("loss_built"), view.line("loss")) if line is not None)
    said = f"{weights[0]:g} for yes" if len(weights) == 1 else f"up to {max(weights):g}"
    return Change(
        rule.name,
        f"weigh the classes by how rare they are ({said})",
        functools.partial(weighed, weights=weights),
        (WeighClasses(lines, weights),) if lines else (),
        Safety.UNSAFE if lines else Safety.SHOW,
        Kind.SETTING,
    )


def _weights(view: View) -> tuple[float, ...]:
    """Return the weight of yes, or of every class, in two digits."""
    setup = view.setup
    asked = setup.data.rows[setup.program.targets[0]].reshape(-1)
    if weighable(setup).short == "cross_entropy":
        counts = np.bincount(asked.astype(np.int64))
        found = [len(asked) / np.count_nonzero(counts) / max(count, 1) for count in counts]
    else:
        found = [float((asked == 0).sum() / max((asked == 1).sum(), 1))]
    return tuple(float(f"{weight:.2g}") for weight in found)


rule = Rule(
    "D003",
    "class-imbalance",
    ("setup", "ladder", "signal_r2", "progress", "rare_class"),
    check,
    __doc__,
)
