"""Viscosity of a mixture. The training step is a helper so that it can be used from other scripts."""
import torch
from torch import nn


def train_step(model, batch, lr=0.002, momentum=0.98):
    x, y = batch
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    optimizer.zero_grad()
    loss = nn.functional.smooth_l1_loss(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def mixture(n):
    share = torch.rand(n, 2) * 2 - 1
    viscosity = 1.5 * torch.exp(-2 * (share[:, :1] + 0.3) ** 2) + share[:, 1:] * share[:, :1]
    return share, viscosity - 0.7


def main():
    share, viscosity = mixture(400)
    model = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    for epoch in range(60):
        losses = [train_step(model, (share[r], viscosity[r])) for r in torch.randperm(400).split(40)]
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: {sum(losses) / len(losses):.5f}")


main()
