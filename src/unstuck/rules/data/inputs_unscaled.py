"""The inputs lie far from zero, or are far too wide, or of unlike size, for the first layer.

## What happens

A layer begins with weights and biases of about one. If a feature runs from 1900 to 2020, the units of
the first layer see huge numbers that hardly differ between rows: no unit bends, switches or turns
anywhere among the data, and all rows look the same to the layers behind.

## Why it stops learning

The bias would have to travel a distance of |mean| times the weight before the unit distinguishes two
rows, at a few thousandths a step, while the same gradient shakes the weight, whose every move is
multiplied by the mean. Sigmoid and tanh units are saturated and pass no gradient at all; features of
unlike size stretch the loss into a narrow valley, and one learning rate cannot fit both directions.

## When it is fine

When the network scales its inputs itself (a normalisation comes first), when the model is a tree, or
when the features are small whole numbers or one-hot columns. Inputs that lie near zero and are all far
too small have a page of their own: `inputs-tiny`.

## How it is proved

Centre and spread of each feature are measured over the training rows. The trial trains the same
networks on the same rows, standardised.

## Example

```diff
 import torch
 from torch import nn

 # year of construction -> built with asbestos?
 x = torch.randint(1900, 2021, (200, 1)).float()
 y = ((x > 1950) & (x < 1985)).float()
+x_mean, x_std = x.mean(0), x.std(0)
+x = (x - x_mean) / x_std

 model = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
 loss_fn = nn.BCEWithLogitsLoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(500):
     optimizer.zero_grad()
     loss = loss_fn(model(x), y)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*, section 4.3, on normalising the inputs.
- Goodfellow, Bengio and Courville (2016), *Deep Learning*, section 8.2.1, on ill-conditioning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.scale import normalised, standardised, unscaled


def check(view: View) -> Iterator[Finding]:
    """Look for features far from zero, too wide, too narrow, or of unlike size."""
    worst = unscaled(view)
    if not worst or normalised(view):
        return
    yield Finding(
        rule.code,
        rule.name,
        "the inputs are not scaled: " + "; ".join(_say(view, worst)),
        worst,
        view.line("forward"),
        (standardised(view, rule.name),),
        severity="high",
        confidence=0.9,
    )


def _say(view: View, complaints: Iterable[Evidence]) -> Iterator[str]:
    """Yield what is wrong with each feature, all of its complaints together."""
    by_feature: dict[str, list[str]] = {}
    for one in complaints:
        by_feature.setdefault(one.site, []).append(_complaint(one))
    for site, words in by_feature.items():
        mean, spread = view.value("input_mean", site), view.value("input_spread", site)
        yield f"{site} (mean {mean:.4g}, spread {spread:.3g}) " + " and ".join(words)


def _complaint(one: Evidence) -> str:
    if one.quantity == "input_offset":
        return f"lies {one.measured:.3g} times its own spread away from zero"
    if one.unit == "ratio":
        return f"is {one.measured:.3g} times as wide as the narrowest feature"
    return f"is too {'wide' if one.above else 'narrow'} for weights of about one"


rule = Rule(
    "D001",
    "inputs-unscaled",
    ("setup", "input_offset", "input_mean", "input_spread"),
    check,
    __doc__,
)
