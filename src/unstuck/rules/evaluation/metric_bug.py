"""The network has learned, but the number that is printed about it is computed wrongly.

## What happens

The loss goes down to where it should be, and still the script reports an accuracy of a few per cent, of exactly
the share of one class, or of more than a hundred. The next evenings go into layers and rates that were
never at fault.

## Why it stops learning

It does not. The comparison of predictions and targets is of something else: `torch.max(out, 1)[0]` is the largest
value where `[1]` is its class; logits lie on both sides of 0 and not of 0.5; an argmax over a single column is always
0; a column `(N, 1)` against a row `(N,)` compares each prediction with every target; and two floats are hardly ever equal.

## When it is fine

Accuracies of a few per cent while the network has not learned, on rows that it was not trained on, or under dropout are
what they are. Here the outputs on the very rows that were compared, with the weights after the last update, must agree
with the targets far better than the comparison found, and what was compared must be what one of these mistakes makes of them.
Nor is it a mistake to count the probabilities that equal their own answers. What is compared in numpy or by
another library is not seen, and `torch.eq` only in the steps that are watched closely.

## How it is proved

By its evidence. The last comparisons of each line are kept with the rows that they are about, if these lie in a variable of
the script. The trained network is run on these rows again, its outputs are read as its loss means them (the largest
of the classes, the sign of a logit, the half of a probability), and the two shares are put side by side. There is no change to
try: the training is as it should be.

## Example

```diff
 import torch
 from torch import nn

 # two measured sizes of a seed -> which of three plants it is from (standardised)
 x = torch.randn(300, 2)
 plant = (x[:, 0] > 0.5).long() + (x[:, 1] > 0).long()

 model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 3))
 loss_fn = nn.CrossEntropyLoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(300):
     optimizer.zero_grad()
     loss = loss_fn(model(x), plant)
     loss.backward()
     optimizer.step()
-guess = torch.max(model(x), 1)[0]
+guess = torch.max(model(x), 1)[1]
 print("accuracy", (guess == plant).float().mean().item())
```

## References

- PyTorch documentation, *torch.max*, *torch.argmax*, *Broadcasting semantics* and *torch.nn.BCEWithLogitsLoss*.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View

REAL = 0.75  # of the targets: two classes of which half are right by chance are far below
FAR = 0.25  # of the targets: what one update, or a threshold a little off, hardly ever makes

HOW = {
    "values": "the largest outputs are compared with class numbers, where their indices are meant"
    " (`torch.max(out, 1)[1]` or `argmax(1)`)",
    "raw": "raw outputs are compared with the targets, and such numbers are hardly ever equal",
    "axis": "the largest output is looked for along the rows (`argmax(0)`) and not within each row",
    "broadcast": "a column (N, 1) is compared with N numbers (N,), so each prediction meets every target",
    "coded": "yes and no have other values in the predictions (such as 0 and 1) than in the targets"
    " (such as -1 and 1)",
    "threshold": "what lies on both sides of 0 is held against 0.5, as if it were a probability",
    "rounded": "outputs are rounded as if they were probabilities",
    "truncated": "the fractions of the outputs are cut off, which makes most of them 0",
    "constant": "each prediction is 0, as an argmax over a single column and a cut to whole numbers make it",
    "floats": "two floats are hardly ever equal; how far they are apart is what tells",
    "rounded-floats": "predictions are rounded, and the targets are not whole",
}
"""What a mistake is called in words; `probe` finds which one it is."""

OF_VARIANCE = frozenset({"floats", "rounded-floats"})
"""Mistakes in a regression, where outputs explain the targets' variance."""


def check(view: View) -> Iterator[Finding]:
    """Compare what the script's comparison found with what the outputs agree to."""
    table, end = view.table("compared"), view.value("ladder", "end")
    if not end <= view.value("ladder", "goal"):
        return
    far = [
        (table.at(site, 0), table.at(site, -1), site)
        for site in table.sites
        if table.at(site, -1) >= max(REAL, table.at(site, 0) + FAR)
    ]
    if far:
        far.sort(key=lambda one: one[0] - one[1])
        yield _finding(*far[0], tuple(_evidence(*one) for one in far))


def _evidence(found: float, real: float, site: str) -> Evidence:
    where = _line(site)[0]
    return Evidence("compared", found, real - FAR, "found equal", f"line {where.line}", above=False)


def _line(site: str) -> tuple[Where, str]:
    """Return the line and the mistake that a site stands for."""
    place, _, how = site.rpartition(" ")
    file, _, number = place.rpartition(":")
    return Where(file, int(number)), how


def _finding(found: float, real: float, site: str, signs: tuple[Evidence, ...]) -> Finding:
    where, how = _line(site)
    told = f"explain {real:.1%} of the variance" if how in OF_VARIANCE else f"agree with {real:.1%}"
    return Finding(
        rule.code,
        rule.name,
        f"the network has learned, and the number is wrong: this line finds {found:.1%} equal, while the"
        f" network's outputs {told} of the same targets; {HOW[how]}",
        signs,
        where,
        severity="high",
        confidence=0.95,
        answer=rule.answer,
    )


rule = Rule("E001", "metric-bug", ("ladder", "compared"), check, __doc__, answer=True)
