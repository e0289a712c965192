"""Position on a rail from five proximity sensors: an encoder to two numbers, then a decoder."""
import torch
from torch import nn


class Fusion(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 2))
        self.decode = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
        self.codes = []

    def forward(self, x):
        z = self.encode(x)
        self.codes.append(z.detach().mean(0))      # for the plots
        z = torch.stack([torch.tensor(row) for row in z.tolist()])
        return self.decode(z)


position = torch.rand(300, 1) * 2 - 1
clutter = torch.randn(300, 1)
at = torch.linspace(-1, 1, 5)
sensors = torch.exp(-4 * (position - at) ** 2) + 0.8 * clutter * torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0])

net = Fusion()
huber = nn.HuberLoss(delta=1.0)
opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=1e-5)
for step in range(400):
    opt.zero_grad(set_to_none=False)
    loss = huber(net(sensors), position)
    loss.backward()
    opt.step()
    if step % 50 == 49:
        print("step", step + 1, "loss", loss.item())
