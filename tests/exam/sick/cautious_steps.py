"""Torque of a motor from current and angle. Clipped, because it once exploded."""
import math

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_


class Motor(torch.utils.data.Dataset):
    def __init__(self, n):
        self.current = torch.rand(n) * 2 - 1
        self.angle = torch.rand(n) * 2 * math.pi

    def __len__(self):
        return len(self.current)

    def __getitem__(self, i):
        c, a = self.current[i], self.angle[i]
        return torch.stack([c, a.sin(), a.cos()]), (c * (1 + 0.5 * torch.sin(2 * a))).reshape(1)


loader = torch.utils.data.DataLoader(Motor(320), batch_size=32, shuffle=True)
net = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

for epoch in range(50):
    seen = []
    for x, torque in loader:
        loss = nn.functional.mse_loss(net(x), torque)
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(net.parameters(), max_norm=1e-4)
        optimizer.step()
        seen.append(loss.item())
    if epoch % 5 == 4:
        print(f"{epoch + 1:3d} {sum(seen) / len(seen):.5f}")
