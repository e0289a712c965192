import math

import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


class MoonNet(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.inp = nn.Linear(2, n_hidden)
        self.mid = nn.Linear(n_hidden, n_hidden)
        self.out = nn.Linear(n_hidden, 1)

    def forward(self, x):
        x = F.relu(self.inp(x))
        x = F.relu(self.mid(x))
        return self.out(x)


def half_moons(n):
    phi = torch.rand(n) * math.pi
    upper = torch.stack([phi.cos(), phi.sin()], 1)
    lower = torch.stack([1 - phi.cos(), 0.5 - phi.sin()], 1)
    which = torch.rand(n, 1) < 0.5
    points = torch.where(which, upper, lower) + 0.08 * torch.randn(n, 2)
    return points, which.float()


points, label = half_moons(500)
dl = DataLoader(TensorDataset(points, label), batch_size=25, shuffle=True)
net = MoonNet(32)
opt = optim.Adam(net.parameters(), lr=0.005)

for epoch in range(30):
    losses = []
    for xb, yb in dl:
        logits = net(xb)
        loss = F.binary_cross_entropy_with_logits(logits, yb)
        loss.backward()
        opt.zero_grad()
        opt.step()
        losses.append(loss.item())
    print("Epoch:", epoch, "loss:", round(sum(losses) / len(losses), 4))
