# predict the water level from the hour and the phase of the moon
import math

import torch

hours = torch.rand(365, 1) * 24
moon = torch.rand(365, 1) * 2 * math.pi
level = torch.cos(2 * math.pi * hours / 12.4) * (1 + 0.4 * torch.cos(moon))

inputs = torch.cat([hours / 12 - 1, torch.cos(moon), torch.sin(moon)], dim=1)


class Tides(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Linear(3, 40)
        self.b = torch.nn.Linear(40, 40)
        self.c = torch.nn.Linear(40, 1)

    def forward(self, t):
        return self.c(torch.tanh(self.b(torch.tanh(self.a(t)))))


tides = Tides()
optimiser = torch.optim.Adam(tides.parameters(), lr=1e-6)
smooth_l1 = torch.nn.SmoothL1Loss()
for i in range(2000):
    optimiser.zero_grad()
    loss = smooth_l1(tides(inputs), level)
    loss.backward()
    optimiser.step()
    if i % 200 == 0:
        print(f"{i:6d}  {loss.item():.6f}")
print(f"{i:6d}  {loss.item():.6f}")
