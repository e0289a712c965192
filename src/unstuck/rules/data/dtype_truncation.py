"""Numbers became whole ones on their way to the network, and what they said was in the fractions.

## What happens

The loss settles at once at what a constant prediction scores; or it falls to exactly zero, and the network
says the same for every row. No setting changes anything. Nothing is raised: whole numbers are numbers too.

## Why it stops learning

Where values lie between 0 and 1, a cast to an integer type, or a division with `//`, makes zeros of nearly all
of them. Rows that differed are then the same to the network, or are all to get the same answer.

## When it is fine

Where the whole numbers still tell the rows apart: years, counts, a grade of one to six. A cast counts only if
it took more than half of the inputs' variance, or left targets without any.

## How it is proved

The numbers before the cast are kept where it was seen, or found in a variable of the script. What learners
make of them sets the goal. The trial trains the same networks on them: on the inputs as they were, or towards
the targets as they were, by which both arms are then judged.

## Example

```diff
 import torch
 from torch import nn

 # share of sunshine and of humidity in a day -> ripeness of a fruit
 weather = torch.rand(300, 2)
 ripeness = torch.sin(5 * weather[:, :1]) + weather[:, 1:]
-weather = weather.int()

 model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(500):
     optimizer.zero_grad()
     loss = loss_fn(model(weather.float()), ripeness)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, *Tensor Attributes*, section *torch.dtype*, and *Tensor.to*.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import KeepFractions
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import LOST, with_fractions
from unstuck.rules.goal import missed

ROLES = {"inputs": "input_cast", "targets": "target_cast"}


def check(view: View) -> Iterator[Finding]:
    """Look for inputs or targets that lost most of their variance to whole numbers, where the goal was missed."""
    short = missed(view)
    shares = {site: view.value("fractions_lost", site) for site in ROLES}
    signs = tuple(
        Evidence("fractions_lost", share, LOST, "of the variance", site)
        for site, share in shares.items()
        if math.isfinite(share) and share > LOST
    )
    if short is None or not signs:
        return
    said = " and ".join(f"{one.measured:.0%} of the variance of the {one.site}" for one in signs)
    yield Finding(
        rule.code,
        rule.name,
        f"{said} was lost before the network saw them: numbers became whole ones",
        (*signs, short),
        view.line(ROLES[signs[0].site]),
        (_remedy(view, [one.site for one in signs]),),
        severity="high",
        confidence=0.9,
    )


def _remedy(view: View, lost: list[str]) -> Change:
    lines = [view.line(ROLES[site]) for site in lost]
    known = tuple(dict.fromkeys(line for line in lines if line is not None))
    edits = (KeepFractions(known),) if len([line for line in lines if line]) == len(lost) else ()
    return Change(
        rule.name,
        f"keep the {' and '.join(lost)} as they were, without making whole numbers of them",
        with_fractions,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.BUG,
        meant="targets" in lost,
    )


rule = Rule(
    "D010",
    "dtype-truncation",
    ("setup", "ladder", "fractions_lost"),
    check,
    __doc__,
)
