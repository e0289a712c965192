"""The data cannot be trained on as it stands: some rows hold what is no number.

## What happens

The loss is `nan` from the first batch on that holds a certain row, and stays so. The network, the loss and
the rate are fine; nothing that is changed about them makes a difference.

## Why it stops learning

A gap in a table is read as `nan`; a logarithm of 0 or a division by 0 makes an infinity. Whatever is
computed from it is no number either: the row's prediction, the mean loss over its batch, every gradient.
The next update writes it into every weight, and from there it does not go away.

## When it is fine

Where the script leaves such rows out itself, or masks them. A feature that never varies, or that is there
twice, tells nothing and does no harm; rows that contradict one another raise the floor, and are told by that.

## How it is proved

With the recorded starting weights, the loss of rows with holes is no number, and that of the others is one. The
trial trains the same networks without these rows or, where more than a tenth of the rows would be lost by that,
with the holes filled in by the feature's median. Both arms are judged by the rows that are left.

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

import functools
import math
from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import MendRows
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.transform import Mend, holes, mend, with_numbers
from unstuck.rules.goal import missed

PARTS = ("inputs", "targets")


def check(view: View) -> Iterator[Finding]:
    """Look for rows that hold what is no number, where the loss became none."""
    short = missed(view)
    signs = tuple(
        Evidence("holes", share, 0.0, "of the rows", part)
        for part in PARTS
        if (share := view.value("holes", part)) > 0
    )
    how = mend(view.setup) if signs else None
    if short is None or math.isfinite(short.measured) or how is None:
        return
    yield Finding(
        rule.code,
        rule.name,
        f"{_said(view, [one.site for one in signs])}: the loss is no number from the first batch on that"
        " has such a row",
        signs,
        view.line("loss"),
        (_remedy(view, how),),
        severity="high",
        confidence=0.95,
    )


def _said(view: View, parts: list[str]) -> str:
    hit = _hit(view, *parts)
    where = " or ".join(parts)
    return f"{hit} of {view.setup.data.count} rows hold nan or an infinity in their {where}"


def _hit(view: View, *parts: str) -> int:
    """Return how many rows have a hole in one of these parts."""
    found = [holes(view.setup, "inputs" if part == "inputs" else "targets") for part in parts]
    return int(np.logical_or.reduce(found).sum())


def _remedy(view: View, how: Mend) -> Change:
    forward, loss, data = view.line("forward"), view.line("loss"), view.setup.data.rows
    program = view.setup.program
    edits: tuple[MendRows, ...] = ()
    if forward is not None and loss is not None and len(program.inputs) == 1 and program.targets:
        given, asked = data[program.inputs[0]], data[program.targets[0]]
        dims = (given.ndim, asked.ndim)
        edits = (MendRows(forward, loss, how.fill, how.leave, dims, bool(np.isinf(given).any())),)
    gives_up = how.fill == "zero"
    return Change(
        rule.name,
        " and ".join(_words(view, how)),
        functools.partial(with_numbers, how=how),
        edits,
        (Safety.UNSAFE if gives_up else Safety.SAFE) if edits else Safety.SHOW,
        Kind.BUG,
        meant=True,
    )


def _words(view: View, how: Mend) -> Iterator[str]:
    if how.fill:
        value = "the feature's median" if how.fill == "median" else "zero"
        yield f"fill in what is no number in the inputs with {value}"
    if how.leave:
        count = _hit(view, *how.leave)
        rows = "row" if count == 1 else f"{count} rows"
        yield f"leave out the {rows} with what is no number in the {' or '.join(how.leave)}"


rule = Rule(
    "D009",
    "data-degenerate",
    ("setup", "ladder", "holes"),
    check,
    __doc__,
)
