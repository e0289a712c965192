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

 # the level of the sea at a pier over 20 days: two tides a day, higher ones at full moon
 day = torch.linspace(0, 20, 500).unsqueeze(1)
 level = (1 + 0.3 * torch.cos(day / 4)) * torch.sin(12.14 * day)

 x = (day - 10) / 5
+waves = torch.tensor([[<a=60.7>]])
+x = torch.cat([x, torch.sin(x @ waves), torch.cos(x @ waves)], dim=1)
-model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
+model = nn.Sequential(nn.Linear(<inputs=3>, 32), nn.Tanh(), nn.Linear(32, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

 for step in range(1000):
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

import functools
from collections.abc import Iterator

import numpy as np

from unstuck.core.change import Change, Kind, Safety
from unstuck.core.edits import AddWaves, Resize
from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Table
from unstuck.core.rule import Rule, View
from unstuck.core.transform import Unchangeable, first_layer, with_waves
from unstuck.rules.goal import missed

EXPLAINED = (
    0.5  # of the unseen variance: what else there is cannot keep the loss near the constant's
)
BEYOND = 0.5  # of what waves explain: a quadratic that explains more of it is most of the answer
CYCLES = (
    3.0  # 64-64 units, tanh or ReLU, 2,000 steps of Adam at 1e-3 leave 0.1 % of 3, 30 to 64 % of 12
)
MAIN = 0.9  # of what all waves explain: the goal leaves a tenth of the constant's loss at most
DIGITS = (
    4  # of a frequency: a wave of 500 cycles is off by an eighth of a turn at the ends, or less
)


def check(view: View) -> Iterator[Finding]:
    """Look for fast waves that explain what a smooth curve does not."""
    short, table = missed(view), view.table("waves")
    explained, smooth = table.at("explained"), table.at("smooth")
    cycles = _cycles(table)
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
        tuple(_remedies(view, table)),
        confidence=0.7,
    )


def _shares(table: Table) -> np.ndarray:
    """Return (m,) what each wave adds to the variance explained."""
    return np.maximum(np.diff(table.column("explained"), prepend=0.0), 0.0)


def _cycles(table: Table) -> float:
    """Return the number of cycles of a wave, on average over what they explain."""
    shares = _shares(table)
    return float(shares @ table.column("cycles") / max(shares.sum(), 1e-9))


def _remedies(view: View, table: Table) -> Iterator[Change]:
    """Yield the change for the waves that explain most, then for all: those that are learned slowly."""
    fast = table.column("cycles") >= CYCLES
    main = int(np.argmax(table.column("explained") >= MAIN * table.at("explained"))) + 1
    first = fast & (np.arange(len(fast)) < main)
    wanted = [kept for kept in (first, fast) if kept.any()]
    for size, kept in enumerate(wanted[: 1 if (first == fast).all() else 2]):
        yield _remedy(view, table, kept, size)


def _remedy(view: View, table: Table, kept: np.ndarray, size: int) -> Change:
    found = table.values[kept][:, table.sites.index("cycles") + 1 :]
    waves = tuple(tuple(float(f"{w:.{DIGITS}g}") for w in along) for along in found.T)
    count, cycles = len(found), table.column("cycles")[kept]
    over = f"{cycles.min():.3g} to {cycles.max():.3g}" if count > 1 else f"{cycles[0]:.3g}"
    edits = _edits(view, waves)
    setup = view.setup
    spread = setup.data.rows[setup.program.inputs[0]].std(axis=0, dtype=np.float64)
    return Change(
        rule.name,
        f"give the network sine and cosine of {count} wave{'s' * (count > 1)} ({over} cycles) beside its inputs",
        functools.partial(with_waves, waves=waves, spread=tuple(spread.tolist())),
        edits,
        Safety.UNSAFE if edits else Safety.SHOW,
        Kind.ARCHITECTURE,
        size,
    )


def _edits(view: View, waves: tuple[tuple[float, ...], ...]) -> tuple[AddWaves, Resize] | tuple[()]:
    forward = view.line("forward")
    try:
        layer = first_layer(view.setup)
    except Unchangeable:
        return ()
    built = view.built(layer.path)
    if forward is None or built is None:
        return ()
    wide = layer.inputs + 2 * len(waves[0])
    sizes = (layer.inputs, wide), (layer.outputs, layer.outputs)
    return AddWaves(forward, waves), Resize(built, "Linear", *sizes)


rule = Rule("N016", "spectral-bias", ("setup", "ladder", "waves"), check, __doc__)
