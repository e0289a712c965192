"""Fit one period of a sine with a small tanh network, full batch."""
import math

import torch
from torch import nn

torch.manual_seed(7)

x = torch.linspace(-1, 1, 200).reshape(-1, 1)
y = torch.sin(math.pi * x)

model = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 1))
loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(1500):
    prediction = model(x)
    loss = loss_fn(prediction, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 250 == 0:
        print(f"{epoch:5d} {loss.item():.6f}")

print("final loss", loss.item())
