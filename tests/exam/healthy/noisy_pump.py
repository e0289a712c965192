"""Pressure of a worn pump against speed and valve. The gauge is poor: half the variance is noise."""
import torch
import torch.nn as nn


def measure(n):
    speed = torch.rand(n) * 2 - 1
    valve = torch.rand(n) * 2 - 1
    clean = torch.sin(2.5 * speed) * (1 - 0.5 * valve)
    return torch.stack([speed, valve], 1), clean, clean + 0.7 * torch.randn(n)


class PumpCurve(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))

    def forward(self, x):
        return self.layers(x).squeeze(-1)


x, clean, gauge = measure(3000)
pump = PumpCurve()
opt = torch.optim.NAdam(pump.parameters(), lr=1e-2)

for epoch in range(20):
    mean = 0.0
    for idx in torch.randperm(3000).split(100):
        opt.zero_grad()
        loss = (pump(x[idx]) - gauge[idx]).square().mean()
        loss.backward()
        opt.step()
        mean += loss.item() / 30
    print(f"epoch {epoch}: mse {mean:.4f}")

print("against the clean curve:", (pump(x) - clean).square().mean().item())
print("against the gauge (its noise has variance 0.49):", (pump(x) - gauge).square().mean().item())
