"""The loss stops being a number: a logarithm, root or quotient is given a value that it has none for.

## What happens

Training goes well, and from one step to the next the loss is `nan` or `inf`, and stays so. One operation
met a value that it is not defined for: the logarithm of a probability that was rounded to 0, a division by
0, the exponential of a large number. At 0 a square root has a value but no slope, so that it is the
gradient that breaks, one step before the loss does.

## Why it stops learning

One such value in one row is in the mean over all rows, and through it in every gradient. The next update
writes it into every weight, and from there it does not go away.

## When it is fine

When the operand cannot get there, or when the operation is one of torch's losses, which take care of it.
Where weights overflow by themselves, the rate is too large, and no guard helps.

## How it is proved

The training is repeated step by step from its recorded start, until an operation makes what is no number
out of numbers. The trial trains the same networks with a tiny term, or a clamp, in front of it.

## Example

```diff
 import torch
 from torch import nn

 # does a seedling of this height and width (standardised) grow into a crooked tree?
 x = torch.randn(200, 2)
 y = (x[:, :1] * x[:, 1:] > 0).float()

 model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(400):
     p = model(x)
-    loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
+    loss = -(y * torch.log(p + 1e-8) + (1 - y) * torch.log(1 - p + 1e-8)).mean()
     optimizer.zero_grad()
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Goldberg (1991), *What Every Computer Scientist Should Know About Floating-Point Arithmetic*, ACM
  Computing Surveys 23(1).
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 4.1, on overflow and underflow.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import GuardOperand
from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Op
from unstuck.core.transform import Guard, guard, guarded
from unstuck.core.transform.guard import EPS, NOTHING, OVERFLOWS, TOP

CALLED = {"truediv": "division", "rtruediv": "division", "itruediv": "division", "div": "division"}
"""How people call operations whose names are marks on paper."""


def check(view: View) -> Iterator[Finding]:
    """Look whether what is no number was born in an operation that has no value for its operand."""
    table = view.table("breakdown")
    found: dict[Guard, int] = {}
    for row in range(len(table.steps)):
        mend = _mend(view, row)
        if mend is None:
            break
        found.setdefault(mend, row)
    if not found:
        return
    first = next(iter(found))
    yield Finding(
        rule.code,
        rule.name,
        _said(view, first),
        (_evidence(view, first),),
        Where(first.file, first.line) if first.line else None,
        (_remedy(view, tuple(found)),),
        severity="high",
        confidence=0.9,
    )


def _op(view: View, row: int) -> Op | None:
    slot = view.value("breakdown", "slot", row)
    return next((op for op in view.setup.program.ops if slot in op.outs), None)


def _mend(view: View, row: int) -> Guard | None:
    """Return what keeps the operation of this row in bounds; None where nothing does."""
    op = _op(view, row)
    bounds = (view.value("breakdown", site, row) for site in ("lowest", "nearest", "highest"))
    return None if op is None else guard(op, *bounds)


def _evidence(view: View, mend: Guard) -> Evidence:
    step = view.table("breakdown").steps[0]
    unit = f"given to {_named(mend)}"
    site = {"add": "nearest", "above": "lowest", "below": "highest"}[mend.how]
    measured, above = view.value("breakdown", site, 0), mend.how == "below"
    limit = OVERFLOWS if above else NOTHING
    return Evidence("breakdown", measured, limit, unit, site, step, above=above)


def _said(view: View, mend: Guard) -> str:
    found = _evidence(view, mend)
    part = "gradient" if view.value("breakdown", "backward", 0) else "value"
    return (
        f"from step {found.step} on the loss or its gradient is not a number: {_named(mend)} is given"
        f" {found.measured:.3g}, for which it has no {part}"
    )


def _named(mend: Guard) -> str:
    return CALLED.get(mend.name, mend.name)


def _remedy(view: View, mends: tuple[Guard, ...]) -> Change:
    known = all(mend.line for mend in mends)
    how = {"add": f"add {EPS:g} to", "above": f"keep above {EPS:g}", "below": f"keep below {TOP:g}"}
    return Change(
        rule.name,
        f"{how[mends[0].how]} what {_named(mends[0])} is given",
        functools.partial(guarded, guards=mends),
        tuple(_edit(view, mend) for mend in mends) if known else (),
        Safety.SAFE if known else Safety.SHOW,
        Kind.BUG,
    )


def _edit(view: View, mend: Guard) -> GuardOperand:
    count = sum(mend.fits(op) for op in view.setup.program.ops)
    value = TOP if mend.how == "below" else EPS
    return GuardOperand(Where(mend.file, mend.line), mend.name, mend.how, value, count)


rule = Rule("L007", "nan-loss", ("setup", "breakdown"), check, __doc__)
