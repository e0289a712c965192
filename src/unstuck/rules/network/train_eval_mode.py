"""The network was evaluated in training mode: parts of it were dropped at random while it answered.

## What happens

The loss is where it should be, and the accuracy that is printed after the training is far below what such a loss
promises. Run once more, it is another one.

## Why it stops learning

It does not. `Dropout` acts until `model.eval()` is called: while it does, each answer is that of a random part of
the network, scaled up. Trained units make up for those that are left out on average only; the answers of one such
part are worse, the more so the more is dropped.

## When it is fine

The accuracy of training steps, which a loop counts up as it goes along, is one of dropped units by nature. Such a
comparison of training rows is passed over unless it is made after the last update. Averages over many draws, as
they are used to tell how sure a network is, are not answers of one part.

## How it is proved

By its evidence. The rows of the script's last comparisons are shown to the trained network again, whole, and sixteen times
with units dropped. What was compared agrees with the targets, and with these draws, on as many rows as they do
with each other, and the whole network is right on far more of the same rows. There is no change to the
training to try: `model.eval()` before the evaluation, and `model.train()` before the next step, is all. Networks that
are *trained* in evaluation mode are not looked for, nor is the number that a loss or another library prints.

## Example

```diff
 import torch
 from torch import nn

 # two readings of a machine (standardised) -> how many of them are too high
 x = torch.randn(400, 2)
 high = (x > 0).sum(dim=1)

 model = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Dropout(0.7), nn.Linear(24, 3))
 loss_fn = nn.CrossEntropyLoss()
 optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

 for epoch in range(1000):
     optimizer.zero_grad()
     loss = loss_fn(model(x), high)
     loss.backward()
     optimizer.step()
+model.eval()
 guess = model(x).argmax(dim=1)
 print("accuracy", (guess == high).float().mean().item())
```

## References

- Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), *Dropout: A Simple Way to Prevent Neural
  Networks from Overfitting*, Journal of Machine Learning Research 15, section 1, on the whole network at test time.
- PyTorch documentation, *torch.nn.Module.eval* and *torch.nn.Dropout*.
"""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.core.finding import Evidence, Finding
from unstuck.core.recording import Where
from unstuck.core.rule import Rule, View

REAL = 0.75  # of the targets: two classes of which half are right by chance are far below
WORSE = 0.05  # of the targets: one answer in twenty is worth a line of source


def check(view: View) -> Iterator[Finding]:
    """Compare what answers with dropped units were found to be worth with those of the whole network."""
    table, end = view.table("dropped_answers"), view.value("ladder", "end")
    if not end <= view.value("ladder", "goal"):
        return
    worse = [
        (table.at(site, 0), table.at(site, -1), site)
        for site in table.sites
        if table.at(site, -1) >= max(REAL, table.at(site, 0) + WORSE)
    ]
    if worse:
        yield _finding(*min(worse, key=lambda one: one[0] - one[1]))


def _finding(found: float, real: float, site: str) -> Finding:
    file, _, line = site.rpartition(":")
    limit = real - WORSE
    return Finding(
        rule.code,
        rule.name,
        f"the network was evaluated in training mode: {found:.1%} of these answers are right, which it gave while"
        f" units were dropped; with all of its units, after `eval()`, it is right on {real:.1%} of the same rows",
        (Evidence("dropped_answers", found, limit, "right", f"line {line}", above=False),),
        Where(file, int(line)),
        severity="high",
        confidence=0.9,
        answer=rule.answer,
    )


rule = Rule("N015", "train-eval-mode", ("ladder", "dropped_answers"), check, __doc__, answer=True)
