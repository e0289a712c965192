"""Quarry blast or earthquake? Features of a seismogram; weights drawn as in an old lecture."""
import torch
import torch.nn as nn


def catalogue(n):
    x = torch.randn(n, 12)
    ratio = x[:, 0] * x[:, 1] + 0.8 * torch.sin(2 * x[:, 2]) + 0.5 * x[:, 3]
    return x, (ratio > 0).long()


class Seismo(nn.Module):
    def __init__(self, widths=(12, 100, 100, 2)):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        for layer in self.layers[:-1]:
            nn.init.normal_(layer.weight, 0.0, 3.0)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.tanh(layer(x))
        return self.layers[-1](x)


def train_step(model, x, y, lr, momentum=0.9):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum, nesterov=True)
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


x, y = catalogue(2000)
model = Seismo()
for epoch in range(30):
    lr = 0.02 * (1 - epoch / 30)
    mean = 0.0
    for idx in torch.randperm(2000).split(50):
        mean += train_step(model, x[idx], y[idx], lr) / 40
    if epoch % 10 == 9:
        print("epoch", epoch + 1, "loss", round(mean, 4))

x_new, y_new = catalogue(2000)
with torch.no_grad():
    print("error rate on new events:", (model(x_new).argmax(1) != y_new).float().mean().item())
