"""The network is asked about inputs far outside of those that it was trained on.

## What happens

The training loss is as low as one could wish, and the predictions are worthless: they run on in a straight line, stay at a
constant, or go off into the blue. More training makes the training loss better and the predictions no better.

## Why it stops learning

A network fits the rows that it is shown. Between them it goes on from one to the next; beyond their ends nothing holds it. What
it says there comes from its activations: with ReLU a straight line, with tanh or sigmoid a constant, whatever the data would do.

## When it is fine

Where the world is known to go on in that way, or where one only wants to see what the network does out there. A few rows
beyond the ends are always among those that one did not train on: of these as many are expected as chance brings.

## How it is proved

By its evidence. The rows are kept that the script shows its network under `torch.no_grad` or `torch.inference_mode`. A row counts if one
of its features lies beyond the range of the training rows by more than a tenth of that range. If more than a third of the
rows do, beyond what chance could bring, the network is asked about what it never saw.

No change of the network mends this. What helps is rows from there, or inputs that stay in the range: the time of the day in place of
a date, a difference from the last value in place of the value.

## Example

```diff
 import torch
 from torch import nn

 # height of the tide over three days, asked for the first of them
 hours = torch.linspace(0, 72, 300)[:, None]
 tide = torch.sin(hours / 12.4 * 6.283)
-seen = hours[:, 0] >= 36
+seen = hours[:, 0] >= 0

 model = nn.Sequential(nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 x = (hours - 36) / 21
 for epoch in range(800):
     optimizer.zero_grad()
     loss = loss_fn(model(x[seen]), tide[seen])
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
 with torch.no_grad():
     print("first day", loss_fn(model(x[:100]), tide[:100]).item())
```

## References

- Xu, Zhang, Li, Du, Kawarabayashi and Jegelka (2021), *How Neural Networks Extrapolate: From Feedforward to Graph Neural
  Networks*, arXiv:2009.11848, section 3: networks with ReLU become linear along any direction away from the training rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View

MOST = 1 / 3  # of the rows asked, beyond chance: a plot that goes on a little stays below


def check(view: View) -> Iterator[Finding]:
    """Compare the rows that a trained network was asked about with those it was trained on."""
    if not view.value("ladder", "end") <= view.value("ladder", "goal"):
        return
    sites = view.table("asked_beyond").sites
    places = [site.removesuffix(" outside") for site in sites if site.endswith(" outside")]
    shares = {one: view.value("asked_beyond", f"{one} outside") for one in places}
    far = [
        one for one in places if shares[one] > MOST + view.value("asked_beyond", f"{one} chance")
    ]
    if far:
        yield _finding(view, max(far, key=lambda one: shares[one]))


def _finding(view: View, place: str) -> Finding:
    told = {
        part: view.value("asked_beyond", f"{place} {part}")
        for part in ("outside", "chance", "feature", "low", "high", "from", "to")
    }
    file, _, line = place.rpartition(":")
    sign = Evidence(
        "asked_beyond", told["outside"], MOST + told["chance"], "of the rows", f"line {line}"
    )
    return Finding(
        rule.code,
        rule.name,
        f"the network has learned what it was shown, and is asked about something else: {told['outside']:.0%} of the rows of this"
        f" line lie outside of the training rows (feature {told['feature']:.0f}: trained from {told['low']:.4g} to"
        f" {told['high']:.4g}, asked from {told['from']:.4g} to {told['to']:.4g}); out there nothing holds it to the data",
        (sign,),
        Where(file, int(line)),
        severity="medium",
        confidence=0.9,
        answer=rule.answer,
    )


rule = Rule("E002", "extrapolation", ("ladder", "asked_beyond"), check, __doc__, answer=True)
