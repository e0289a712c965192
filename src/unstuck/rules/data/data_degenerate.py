"""The data cannot be trained on as it comes: some rows hold what is no number, or it is always the same batch.

## What happens

The loss is `nan` from the first batch on that holds a certain row, and stays so. The network, the loss and
the rate are fine; nothing that is changed about them makes a difference. Or the loss falls to nothing, and the
network knows the rows of one batch by heart: `next(iter(loader))` begins the loader anew at each step.

## Why it stops learning

A gap in a table is read as `nan`; a logarithm of 0 or a division by 0 makes an infinity. Whatever is
computed from it is no number either: the row's prediction, the mean loss over its batch, every gradient.
The next update writes it into every weight, and from there it does not go away. From one batch, on the other
hand, nothing can be learnt but that batch.

## When it is fine

Where the script leaves such rows out itself, or masks them. A feature that never varies, or that is there
twice, tells nothing and does no harm; rows that contradict one another raise the floor, and are told by
that. One batch that is taken before the loop, to see whether it can be learnt, is what was meant; and a loader
that shuffles gives another first batch each time.

## How it is proved

With the recorded starting weights, the loss of rows with holes, or its gradient, is no number, and that of the
others is one. The
trial trains the same networks without these rows or, where more than a tenth of the rows would be lost by that,
with the holes filled in by the feature's median. Both arms are judged by the rows that are left. Where every
step saw the first batch of a loader that holds more, both are judged by all of its rows, and the trial trains
on another batch each time.

## Example

```diff
 import torch
 from torch import nn

 # level of a river tomorrow from rain and melting snow (standardised), one day a row
 x = torch.randn(400, 2)
 y = torch.tanh(2 * x[:, :1]) + 0.5 * x[:, 1:]
 x[[7, 130, 262], 0] = float("nan")  # the rain gauge was frozen
+known = torch.isfinite(x).all(1)
+x, y = x[known], y[known]

 model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
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

- Bennett (2001), *How Can I Deal with Missing Data in My Study?*, Australian and New Zealand Journal of
  Public Health 25(5).
- Little and Rubin (2002), *Statistical Analysis with Missing Data*, chapters 3 and 4, on complete cases and on
  filling in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import Shuffle
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import with_all_rows
from unstuck.rules import holed
from unstuck.rules.goal import missed


def check(view: View) -> Iterator[Finding]:
    """Look for a loader that gave the same batch at each step, then for rows that are not of numbers."""
    short = missed(view)
    if short is None:
        return
    repeated = _repeated(view, short)
    found = repeated or _holed(view, short)
    if found is not None:
        yield found


def _repeated(view: View, short: Evidence) -> Finding | None:
    trained, held = (view.value("same_batch", site) for site in ("trained", "held"))
    if not held > trained:
        return None
    batch = view.line("batch")
    change = Change(
        rule.name,
        "draw another batch at each step (shuffle=True)",
        with_all_rows,
        (Shuffle(batch),) if batch else (),
        Safety.SAFE if batch else Safety.SHOW,
        Kind.BUG,
        meant=True,
    )
    return Finding(
        rule.code,
        rule.name,
        f"every step sees the same {trained:.0f} rows of the {held:.0f} that the loader holds: it is begun anew"
        " each time, and gives its first batch again",
        (Evidence("same_batch", held, trained, "rows", "held"), short),
        batch,
        (change,),
        severity="high",
        confidence=0.9,
    )


def _holed(view: View, short: Evidence) -> Finding | None:
    """Look for rows that hold what is no number, where the loss became none."""
    signs = holed.signs(view)
    change = holed.mended(view, rule.name) if signs else None
    if math.isfinite(short.measured) or change is None:
        return None
    return Finding(
        rule.code,
        rule.name,
        f"{holed.said(view, [one.site for one in signs])}: the loss is no number from the first batch on that"
        " has such a row",
        signs,
        view.line("loss"),
        (change,),
        severity="high",
        confidence=0.95,
    )


rule = Rule(
    "D009",
    "data-degenerate",
    ("setup", "ladder", "holes", "same_batch"),
    check,
    __doc__,
)
