# Random Fourier features: the first layer is drawn once and never trained, only the readout is.
import math

import torch
from torch import nn

torch.manual_seed(21)


class RandomFourier(nn.Module):
    def __init__(self, n_in, n_features, bandwidth):
        super().__init__()
        self.project = nn.Linear(n_in, n_features)
        nn.init.normal_(self.project.weight, std=1 / bandwidth)
        nn.init.uniform_(self.project.bias, 0, 2 * math.pi)
        self.project.requires_grad_(False)
        self.readout = nn.Linear(n_features, 1)

    def forward(self, x):
        return self.readout(math.sqrt(2) * torch.cos(self.project(x)))


x = torch.rand(400, 2) * 2 - 1
y = (torch.sin(3 * x[:, 0]) * x[:, 1] + x[:, 1] ** 2).unsqueeze(1)
net = RandomFourier(2, 200, bandwidth=0.7)
optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.004, momentum=0.95)
for step in range(1500):
    loss = nn.functional.mse_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 250 == 0:
        print("step", step, "loss", loss.item())
print("last", loss.item())
