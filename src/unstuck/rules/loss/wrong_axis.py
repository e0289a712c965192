"""An operation works along the rows of the batch instead of within each row: samples are mixed.

## What happens

The loss stays far above what a constant would score, or its level depends on the size of the batch. One row
alone is predicted quite differently from the same row in company.

## Why it stops learning

A softmax over dim 0 of a batch (rows, classes) makes the shares of a *class* sum to one over all rows, so that
rows compete with each other instead of classes. A mean over dim 0 gives all rows the same number. The network
is asked about one row, and answers about the batch. Images that were stacked along the last axis, and brought
into shape by `reshape` and not by a transpose, are made of numbers of many images each.

## When it is fine

In batch normalisation, which mixes rows on purpose (it is left out here). Where rows are nodes of one graph, or
are to be contrasted with each other.

## How it is proved

Half of a batch is replaced, and the predictions for the other half are watched: they move. Then each operation
along dim 0 is tried along its other axes: one of them keeps the rows apart. Where no learner finds a signal in the
rows, they are read as if they had lain along each other axis before. The trial trains the same networks
with that axis.

## Example

```diff
 import torch
 import torch.nn.functional as F
 from torch import nn


 class Stars(nn.Module):
     def __init__(self):
         super().__init__()
         self.hidden = nn.Linear(2, 32)
         self.scores = nn.Linear(32, 3)

     def forward(self, x):
         h = F.relu(self.hidden(x))
-        return F.log_softmax(self.scores(h), dim=0)
+        return F.log_softmax(self.scores(h), dim=1)


 # three kinds of stars by colour and brightness (both standardised)
 stars = torch.randn(240, 2)
 kind = (stars.norm(dim=1) > 0.8).long() + (stars.norm(dim=1) > 1.5).long()

 model = Stars()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(250):
     optimizer.zero_grad()
     loss = F.nll_loss(model(stars), kind)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- PyTorch documentation, *torch.nn.functional.log_softmax* and *torch.nn.Softmax*: every slice along `dim`
  sums to one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import SetArgument
from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.core.setup import Op, Setup
from unstuck.core.transform import axis, with_axis
from unstuck.core.transform.axis import LATER, RECURRENT
from unstuck.rules.mixed import NAME, mixed
from unstuck.rules.places import called, written

APART = 1e-3  # of the spread of predictions: rows that are not mixed move by float32 rounding, 1e-6
MODULES = {"softmax": "Softmax", "log_softmax": "LogSoftmax", "softmin": "Softmin", "glu": "GLU"}


def check(view: View) -> Iterator[Finding]:
    """Look for an operation along the rows, and for rows that were mixed before they came to the network."""
    before = mixed(view)
    if before is not None:
        message, sign, change = before
        where = view.line("forward")
        yield Finding(rule.code, rule.name, message, (sign,), where, (change,), "high", 0.9)
    moved, slot = view.value("rows_mixed", "prediction"), view.value("rows_mixed", "slot")
    if not moved > APART or not math.isfinite(slot):
        return
    op = next(op for op in view.setup.program.ops if int(slot) in op.outs)
    dim = int(view.value("rows_mixed", "dim"))
    yield Finding(
        rule.code,
        rule.name,
        f"{op.short} works along dim {axis(op)}, which runs over the rows of the batch: replace half of them,"
        f" and the predictions of the others move by {moved:.3g} times their spread",
        (Evidence("rows_mixed", moved, APART, "spreads of the predictions", "prediction"),),
        called(op),
        (_remedy(view, op, dim),),
        severity="high",
        confidence=0.9,
    )


def _remedy(view: View, op: Op, dim: int) -> Change:
    along = functools.partial(with_axis, slot=op.outs[0], dim=dim)
    if op.short in RECURRENT:
        return _batch_first(view, op, along)
    place, call = written(view, op), called(op)
    function, position = op.short, LATER.get(op.short, 1)
    if op.name.startswith("torch.Tensor."):
        position -= 1
    if place != call and op.short in MODULES:
        function, position = MODULES[op.short], 0
    edits = (SetArgument(place, function, "dim", position, dim, axis(op)),) if place else ()
    return Change(
        rule.name,
        f"let {op.short} work along dim {dim}, within each row",
        along,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.BUG,
        meant=op.short == "log_softmax",  # the loss is judged by each row's own
    )


def _batch_first(view: View, op: Op, along: Callable[[Setup], Setup]) -> Change:
    """Let a recurrent layer take rows first, and run along each of them."""
    layer, place = op.short.partition("_")[0].upper(), view.built(op.module)
    edits = (SetArgument(place, layer, "batch_first", 4, True, False),) if place else ()
    return Change(
        rule.name,
        f"let the {layer} run along the time of each row (batch_first=True)",
        along,
        edits,
        Safety.SAFE if edits else Safety.SHOW,
        Kind.BUG,
    )


rule = Rule("L006", NAME, ("setup", "rows_mixed", "reread_r2"), check, __doc__)
