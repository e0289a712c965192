"""A mixture of experts: river flow follows another law in each season; the gate has to find the season from the calendar."""
import torch
from torch import nn


class Experts(nn.Module):
    def __init__(self, inputs: int, n_experts: int = 6, width: int = 8):
        super().__init__()
        self.experts = [
            nn.Sequential(nn.Linear(inputs, width), nn.Tanh(), nn.Linear(width, 1))
            for _ in range(n_experts)
        ]
        self.gate = nn.Sequential(nn.Linear(inputs, 32), nn.ReLU(), nn.Linear(32, n_experts), nn.Softmax(dim=0))

    def forward(self, x):
        votes = torch.cat([e(x) for e in self.experts], dim=1)
        return (self.gate(x) * votes).sum(dim=1)


def river(n):
    day = torch.rand(n)
    rain, snow = torch.randn(n), torch.randn(n)
    season = (day * 4).long()
    law = torch.stack([1.0 * snow + 0.3 * rain, 0.5 * rain - 0.2, -0.8 * snow + 0.9 * rain, 0.6 * rain.abs()])
    flow = law.gather(0, season[None])[0]
    angle = 2 * torch.pi * day
    return torch.stack([angle.sin(), angle.cos(), rain, snow], 1), flow


X, y = river(3000)
model = Experts(4)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
huber = nn.HuberLoss(delta=1.0)

for epoch in range(1, 31):
    running = 0.0
    for idx in torch.randperm(len(X)).split(100):
        opt.zero_grad()
        loss = huber(model(X[idx]), y[idx])
        loss.backward()
        opt.step()
        running += loss.item() * len(idx) / len(X)
    if epoch % 5 == 0:
        print(f"{epoch=} {running=:.4f}")

with torch.no_grad():
    pred = torch.cat([model(part) for part in X.split(100)])
print("1 - R2:", ((pred - y).square().mean() / y.var()).item())
