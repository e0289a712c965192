"""Two interleaved spirals, deep network. Tried 3, 5 and 8 layers, always about 0.6."""
import torch
import torch.nn as nn


class DeepNet(nn.Module):
    def __init__(self, depth=3, width=64):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, width)])
        for _ in range(depth - 1):
            self.layers.append(nn.Linear(width, width))
        self.classify = nn.Linear(width, 2)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.classify(x)


class Spirals:
    def __init__(self, n=300, turns=1.5):
        r = torch.rand(2 * n).sqrt()
        self.y = torch.cat([torch.zeros(n), torch.ones(n)]).long()
        angle = 2 * torch.pi * turns * r + torch.pi * self.y
        self.x = 1.5 * torch.stack([r * angle.sin(), r * angle.cos()], dim=1)
        self.x += 0.02 * torch.randn_like(self.x)


data = Spirals()
model = DeepNet()
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)

for step in range(1000):
    optimizer.zero_grad()
    loss = loss_function(model(data.x), data.y)
    loss.backward()
    optimizer.step()
    if (step + 1) % 100 == 0:
        print(step + 1, loss.item())
