"""A test of patience or tolerance ends the loop while there is still much to learn.

## What happens

The loop would go on for thousands of updates, but an `if` in it breaks off after a few: the loss has
not improved for five epochs, or by less than a tolerance from one to the next.

## Why it stops learning

The loss of small batches goes up and down, and early in training it may hardly move for long: hidden
units have yet to find their places. Patience that is shorter than that, or a tolerance as large as
an honest step, takes the first pause for the end.

## When it is fine

When the goal is reached, as it is where the loop ends at a loss that is low enough; or where the loss
on rows held out has begun to rise: what was learnt by then is all that holds for others.

## How it is proved

The updates made are counted. How many the loop would have made is read in the source: its count, and
the batches of a pass. The trial trains the same networks for parts of these, and for all.

## Example

```diff
 import torch
 from torch import nn

 # brightness of a double star over two periods (standardised)
 t = torch.linspace(-1, 1, 100).unsqueeze(1)
 light = torch.sin(6 * t) + 0.5 * torch.cos(12 * t)

 model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
 criterion = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.005)

 previous = float("inf")
 for epoch in range(3000):
     optimizer.zero_grad()
     loss = criterion(model(t), light)
     loss.backward()
     optimizer.step()
-    if abs(previous - loss.item()) < 1e-3:
-        break
     previous = loss.item()
 print("loss", loss.item())
```

## References

- Prechelt (1998), *Early Stopping - But When?*, in Neural Networks: Tricks of the Trade, Springer.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 7.8, on early stopping.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import DropEnding
from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View
from unstuck.core.transform import with_steps
from unstuck.rules.goal import descending, missed
from unstuck.rules.patience import ended, patient

SOON = 0.9  # of the planned updates: a run that made nearly all of them was not cut short
PARTS = (0.0625, 0.25, 0.5, 1.0)  # of the plan: a plan is often longer than there is need for


def check(view: View) -> Iterator[Finding]:
    """Compare the updates made with those that the loop was written for."""
    short, made = missed(view), view.setup.made
    planned = view.value("planned_steps")
    if short is None or not made < SOON * planned:
        return
    late, ends = descending(view), _ends(view)
    falling = ", and was still falling" if late else ""
    part = Evidence("setup", made / planned, SOON, "of the planned updates", above=False)
    yield Finding(
        rule.code,
        rule.name,
        f"{ended(view, planned)}; the loss is {short.measured:.4g}"
        f" ({short.threshold:.4g} would count as learned){falling}",
        tuple(one for one in (part, late, short) if one is not None),
        ends[0] if ends else None,
        (patient(rule.name),)
        if view.setup.loop.patience
        else tuple(_remedies(made, planned, ends)),
        confidence=0.8 if late else 0.6,
    )


def _ends(view: View) -> tuple[Where, ...]:
    """Return the lines that can have ended the loop; they are found from the line of the update."""
    if view.setup.loop.patience is not None:
        return ()
    if view.line("step") is None and view.line("backward") is None:
        return ()
    parts = (site.rpartition(":") for site in view.table("planned_steps").sites)
    return tuple(Where(file, int(line)) for file, _, line in parts)


def _remedies(made: int, planned: float, ends: tuple[Where, ...]) -> Iterator[Change]:
    """Yield trainings of a part of the plan; what is written is the same: that the loop goes on."""
    longer = [part for part in PARTS if part * planned > made]
    for size, part in enumerate(longer):
        yield Change(
            rule.name,
            f"do not end the loop early: {_spoken(part, planned)}",
            functools.partial(with_steps, factor=part * planned / made),
            (DropEnding(ends),) if ends else (),
            Safety.SAFE if ends else Safety.SHOW,
            Kind.BUG,  # the loop was written for so many updates
            size,
        )


def _spoken(part: float, planned: float) -> str:
    if part == 1:
        return f"make all of the {planned:.0f} planned updates"
    return f"{part * planned:.0f} of the {planned:.0f} planned updates are enough"


rule = Rule(
    "O012",
    "early-stopping-too-soon",
    ("setup", "ladder", "progress", "planned_steps"),
    check,
    __doc__,
)
