"""Wave height from wind; the net is drawn anew until its first loss is not absurd, then trained."""
import torch
import torch.nn as nn


def make_net():
    return nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))


class Experiment:
    def __init__(self, n=256):
        wind = torch.rand(n, 2) * 2 - 1
        self.wind = wind
        self.height = wind[:, :1] ** 2 + torch.sin(3 * wind[:, 1:])
        self.net = make_net()
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=5e-3)
        self.criterion = nn.MSELoss()

    def loss(self):
        return self.criterion(self.net(self.wind), self.height)

    def pick_start(self, tries=5):
        candidates = []
        for _ in range(tries):
            self.net = make_net()
            candidates.append((self.loss().item(), self.net))
        self.net = min(candidates, key=lambda c: c[0])[1]

    def run(self, steps=400):
        self.pick_start()
        for step in range(steps):
            self.optimizer.zero_grad()
            loss = self.loss()
            loss.backward()
            self.optimizer.step()
            if step % 50 == 49:
                print(f"{step + 1:4d}: {loss.item():.5f}")


Experiment().run()
