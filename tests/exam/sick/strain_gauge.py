"""Bridge: load (standardised) from two strain gauges. Strain is metres per metre, as the logger writes it."""
import torch
import torch.nn as nn


class Trainer:
    def __init__(self, net, lr):
        self.net = net
        self.opt = torch.optim.Adam(net.parameters(), lr=lr)
        self.mse = nn.MSELoss()

    def fit(self, strain, load, steps):
        for step in range(steps):
            self.opt.zero_grad()
            loss = self.mse(self.net(strain), load)
            loss.backward()
            self.opt.step()
            if step % 50 == 49:
                print("step", step + 1, "loss", loss.item())


def bridge(n):
    left = torch.rand(n, 1) * 2e-3 - 1e-3
    right = torch.rand(n, 1) * 2e-3 - 1e-3
    load = torch.sin(2.5e3 * left) + (1e3 * right) ** 2 - 0.5 * torch.cos(2e3 * (left - right))
    return torch.cat([left, right], dim=1), (load - load.mean()) / load.std()


if __name__ == "__main__":
    strain, load = bridge(300)
    net = nn.Sequential(
        nn.Linear(2, 48), nn.Tanh(),
        nn.Linear(48, 48), nn.Tanh(),
        nn.Linear(48, 1), nn.ReLU(),
    )
    Trainer(net, lr=0.01).fit(strain, load, 400)
