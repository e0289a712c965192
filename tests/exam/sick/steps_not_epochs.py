"""Noise of a wind turbine (two dials, both scaled). Counts steps, not epochs."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

STEPS = 500


def turbine(n):
    dials = torch.rand(n, 2) * 2 - 1
    return dials, torch.sin(2.5 * dials[:, :1]) + dials[:, :1] * dials[:, 1:]


def normal_weights(layer):
    if isinstance(layer, nn.Linear):
        nn.init.normal_(layer.weight)
        nn.init.zeros_(layer.bias)


dials, noise = turbine(320)
loader = DataLoader(TensorDataset(dials, noise), batch_size=16, shuffle=False)
net = nn.Sequential(
    nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)
)
net.apply(normal_weights)
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
mse = nn.MSELoss()

for step in range(STEPS):
    x, y = next(iter(loader))
    optimizer.zero_grad()
    mse(net(x), y).backward()
    optimizer.step()
    if step % 50 == 49:
        with torch.no_grad():
            print("step", step + 1, "loss over all", mse(net(dials), noise).item())
