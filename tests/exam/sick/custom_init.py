# Yield of a chemical reactor from 3 settings. I followed a blog on initialisation + dropout.
from dataclasses import dataclass, field
import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class HP:
    sizes: list = field(default_factory=lambda: [3, 64, 64, 1])
    p: float = 0.85
    lr: float = 0.004
    epochs: int = 70


class Reactor(nn.Module):
    def __init__(self, hp):
        super().__init__()
        self.fcs = nn.ModuleList(nn.Linear(a, b) for a, b in zip(hp.sizes, hp.sizes[1:]))
        self.drop = nn.Dropout(hp.p)
        for fc in self.fcs:
            nn.init.normal_(fc.weight, std=4.0)
            nn.init.zeros_(fc.bias)

    def forward(self, x):
        for fc in self.fcs[:-1]:
            x = self.drop(torch.tanh(fc(x)))
        return self.fcs[-1](x)


def plant(n):
    s = torch.rand(n, 3) * 2 - 1                      # temperature, pressure, flow: scaled to [-1, 1]
    y = torch.exp(-3 * (s[:, 0] - 0.2 * s[:, 1]) ** 2) * (1 + 0.6 * s[:, 2])
    return s, (3 * (y - 0.55) + 0.05 * torch.randn(n)).unsqueeze(1)


hp = HP()
torch.manual_seed(23)
x, y = plant(500)
xt, yt = plant(200)
net = Reactor(hp)
opt = torch.optim.Adam(net.parameters(), lr=hp.lr)
for ep in range(hp.epochs):
    net.train()
    for idx in torch.randperm(len(x)).split(25):
        loss = F.mse_loss(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if ep % 10 == 0:
        print("ep %d  train mse %.4f" % (ep, loss.item()))
net.eval()
with torch.no_grad():
    mse = F.mse_loss(net(xt), yt)
print("test R2 %.4f" % (1 - mse / yt.var()).item())
