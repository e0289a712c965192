"""Inputs and targets no longer belong together row by row: each input has another row's target.

## What happens

The loss stays at that of a constant prediction, or the network learns the rows by heart and nothing else.
No learner does better. It looks exactly like noise, although the two files, lists or columns were fine
when they were made.

## Why it stops learning

One of them was moved against the other: a header was read as a row, a gap dropped from one and not from
the other, a lag applied in the wrong direction. What is asked of the network is then the target of a
neighbour, about which a row knows nothing.

## When it is fine

Where it is meant, as when a series is to predict its own future. Rows that foretell one another, such as
windows of a series, are not judged here: another shift always fits them.

## How it is proved

By its evidence. Where no learner finds a signal, the targets are moved by every number of rows against
the inputs. If one shift stands out beyond all chance, the learners are scored again there, on rows that
they have not seen. Shuffled rows cannot be put back, and look like noise here, unless the source shows
that two arrays were shuffled or split each by itself.

## Example

```diff
 import torch
 from torch import nn

 # yield of a reaction from temperature and pressure (both standardised), one run a row
 x = torch.randn(800, 2)
 y = torch.tanh(2 * x[:, :1]) + 0.5 * x[:, 1:]
-y = torch.cat([y[1:], y[:1]])  # the first yield was taken for a header

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

- Zhang, Bengio, Hardt, Recht and Vinyals (2017), *Understanding Deep Learning Requires Rethinking
  Generalization*, arXiv:1611.03530: networks learn targets that have nothing to do with the inputs by heart.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View
from unstuck.rules.hidden import misaligned, no_signal, shuffled


def check(view: View) -> Iterator[Finding]:
    """Look for a shift of the rows at which the targets can be predicted, where now they cannot."""
    found = misaligned(view)
    if found is None:
        yield from _shuffled(view)
        return
    now, rows = view.value("aligned_r2", "now"), int(view.value("aligned_r2", "rows"))
    away, way = abs(rows), "later" if rows > 0 else "earlier"
    yield Finding(
        rule.code,
        rule.name,
        f"inputs and targets are {away} row{'s' if away > 1 else ''} apart: nothing predicts the"
        f" targets as they stand, but with the target that stands {away} {way} the best learner explains"
        f" {found.measured:.0%} of rows that it has not seen",
        (
            found,
            Evidence("aligned_r2", now, found.threshold, "of unseen targets", "now", above=False),
        ),
        severity="high",
        confidence=0.95,
        answer=rule.answer,
    )


def _shuffled(view: View) -> Iterator[Finding]:
    """Look for inputs and targets that were brought into an order each, where nothing predicts the targets."""
    count, signs = shuffled(view), no_signal(view)
    if count is None or not signs:
        return
    places = [site for site in view.table("shuffled_apart").sites if site != count.site]
    (file, first), second = places[0].rsplit(":", 1), places[-1].rsplit(":", 1)[1]
    yield Finding(
        rule.code,
        rule.name,
        f"nothing predicts the targets, and the source brings two arrays into a random order each (lines {first}"
        f" and {second}): if these are inputs and targets, their rows no longer belong together",
        (count, *signs),
        Where(file, int(first)),
        severity="high",
        confidence=0.8,
        answer=rule.answer,
    )


NEEDS = ("ladder", "rows", "signal_r2", "aligned_r2", "shuffled_apart")

rule = Rule("D007", "labels-misaligned", NEEDS, check, __doc__, answer=True)
