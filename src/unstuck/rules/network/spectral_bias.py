"""The targets ripple over a few inputs, faster than a plain network learns to.

## What happens

The loss stays near that of a constant, or of a smooth curve, and creeps. The predictions are a flat
line where the targets go up and down: a sound, a tide, the fine detail of an image.

## Why it stops learning

A network of layers with ReLU or tanh learns slow changes first. How long a wave takes grows steeply with its
number of cycles over the data: the network begins nearly straight, and has to grow a bend for every half
cycle. Two or three are learned in passing, a dozen take thousands of steps, and a hundred are
never learned, by whatever rate. Given sine and cosine of the inputs it has the bends from the start.

## When it is fine

Where the run has the time: a dozen cycles are learned by a network that is trained for long. Where
the detail is noise that should not be learned. Where the targets are smooth in the inputs.

## How it is proved

Waves are searched for in the targets, and fitted to one half of the rows; the share of the other half's
variance that they explain, and their cycles, are the evidence. The trial trains the same network with the
sine and the cosine of these waves beside its inputs, after other rates and longer runs were tried without.

## Example

```diff
 import torch
 from torch import nn

 # the level of the sea at a pier over 12 days: two tides a day, higher ones at full moon
 day = torch.linspace(0, 12, 240).unsqueeze(1)
 level = (1 + 0.3 * torch.cos(day / 4)) * torch.sin(12.14 * day)

 x = (day - 6) / 3
+waves = torch.tensor([[<a=36.42>]])
+x = torch.cat([x, torch.sin(x @ waves), torch.cos(x @ waves)], dim=1)
-model = nn.Sequential(nn.Linear(1, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
+model = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 for step in range(400):
     optimizer.zero_grad()
     loss = loss_fn(model(x), level)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- Rahaman, Baratin, Arpit, Draxler, Lin, Hamprecht, Bengio and Courville (2019), *On the Spectral Bias of Neural
  Networks*, arXiv:1806.08734.
- Tancik and others (2020), *Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional
  Domains*, arXiv:2006.10739.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.goal import missed
from unstuck.rules.rippling import given, mean_cycles

EXPLAINED = 0.5  # of the unseen variance: with less, most of the loss is something else
BEYOND = 0.5  # of what waves explain: a quadratic that explains more is most of the answer
CYCLES = 3.0  # 64-64 units (Adam, 2,000 steps of 1e-3) leave 0.1 % of 3, 7 % of 8, 30 % of 12


def check(view: View) -> Iterator[Finding]:
    """Look for fast waves that explain what a smooth curve does not."""
    short, table = missed(view), view.table("waves")
    explained, smooth = table.at("explained"), table.at("smooth")
    cycles = mean_cycles(table)
    if short is None or not explained > EXPLAINED or not smooth < BEYOND * explained:
        return
    if not cycles >= CYCLES:
        return
    count = len(table.steps)
    yield Finding(
        rule.code,
        rule.name,
        f"{explained:.0%} of what the targets vary by, on rows left out, is {count} wave{'s' * (count > 1)} of"
        f" {cycles:.3g} cycles over the inputs, where a smooth curve explains {max(smooth, 0.0):.0%}",
        (
            Evidence("waves", explained, EXPLAINED, "of the variance", "explained"),
            Evidence("waves", cycles, CYCLES, "cycles", "cycles"),
            short,
        ),
        view.line("forward"),
        tuple(given(view, rule.name, CYCLES)),
        confidence=0.7,
    )


rule = Rule("N016", "spectral-bias", ("setup", "ladder", "waves"), check, __doc__)
