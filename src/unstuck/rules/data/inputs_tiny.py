"""The inputs are squeezed into so small a range that the network is a straight line there.

## What happens

Everything was divided by the largest value it could ever have, or is in units far too large for it:
metres for micrometres. The data is a speck beside the bends of the hidden units. The loss settles where
a linear regression would, or at the best constant.

## Why it stops learning

A unit bends where its input crosses zero, and with weights and biases of about one that happens within
one of zero, spread evenly. Inputs that vary by a thousandth see a bend in one unit of a thousand: all
the others are on, or off, for every row. To bring a bend in, a bias has to become a thousand times
smaller, while each of its steps passes over all of the data at once; and to make much of a slope the
weights must grow a thousandfold.

## When it is fine

When the pattern is a straight line in this range, when a normalisation comes first, and when the run
reaches its goal all the same.

## How it is proved

Every feature's spread is measured over the training rows, and all of them are small. The trial trains
the same networks on the same rows, standardised. A network without activations hides this fault and is
hidden by it, since only both changes together help; the search tries them together.

## Example

```diff
 import torch
 from torch import nn

 # growth of a crystal from its distance to a defect, in metres, and its temperature in MK
 distance, heat = torch.rand(300, 1) * 2e-3, torch.rand(300, 1) * 2e-3
 x = torch.cat([distance, heat], 1)
+x_mean, x_std = x.mean(0), x.std(0)
+x = (x - x_mean) / x_std
 growth = torch.sin(3000 * distance) * (1e3 * heat - 1)

 model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
 loss_fn = nn.MSELoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.003)

 for epoch in range(400):
     optimizer.zero_grad()
     loss = loss_fn(model(x), growth)
     loss.backward()
     optimizer.step()
 print("loss", loss.item())
```

## References

- LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*, section 4.3, on normalising the inputs.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Finding
from unstuck.core.rule import Rule, View
from unstuck.rules.goal import missed
from unstuck.rules.scale import normalised, standardised, tiny


def check(view: View) -> Iterator[Finding]:
    """Look for inputs near zero that are all far narrower than the bends of units, and a missed goal."""
    narrow, short = tiny(view), missed(view)
    if narrow is None or short is None or normalised(view):
        return
    yield Finding(
        rule.code,
        rule.name,
        f"the inputs hardly vary: the widest feature has a spread of {narrow.measured:.3g}, so that"
        " hardly any unit with weights of about one can bend among the rows",
        (narrow, short),
        view.line("forward"),
        (standardised(view, rule.name),),
        severity="high",
        confidence=0.9,
    )


rule = Rule(
    "D005",
    "inputs-tiny",
    ("setup", "ladder", "input_offset", "input_mean", "input_spread"),
    check,
    __doc__,
)
