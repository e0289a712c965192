"""A lamp hangs on fourteen two-way switches: flipping any one of them turns it on or off. Learn the wiring."""
from dataclasses import dataclass
import torch
from torch import nn


@dataclass
class Setup:
    switches: int = 14
    rows: int = 4000
    hidden: tuple = (64, 64)
    batch: int = 100
    epochs: int = 25
    rate: float = 3e-3


def house(s):
    pos = torch.randint(0, 2, (s.rows, s.switches))
    lamp = pos.sum(1) % 2
    return pos.float() * 2 - 1, lamp.float()


def build(s):
    sizes = [s.switches, *s.hidden]
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.GELU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], 1), nn.Sigmoid())


s = Setup()
x, y = house(s)
x_new, y_new = house(s)
net = build(s)
opt = torch.optim.Adam(net.parameters(), lr=s.rate)
bce = nn.BCELoss()
for epoch in range(s.epochs):
    total = 0
    for part in torch.randperm(s.rows).split(s.batch):
        p = net(x[part])[:, 0]
        loss = bce(p, y[part])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(part)
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", total / s.rows)

with torch.no_grad():
    wrong = ((net(x_new)[:, 0] > 0.5) != (y_new > 0.5)).float().mean()
print("wrong on new positions:", wrong.item())
