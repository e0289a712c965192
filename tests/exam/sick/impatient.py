"""Trajectory of a ball with drag; training ends by itself once it has converged."""
import torch
from torch import nn


class EarlyStopper:
    def __init__(self, tolerance=5e-3, patience=2):
        self.tolerance, self.patience = tolerance, patience
        self.best, self.count = float("inf"), 0

    def __call__(self, loss):
        if self.best - loss > self.tolerance:
            self.count = 0
        else:
            self.count += 1
        self.best = min(self.best, loss)
        return self.count >= self.patience


throw = torch.rand(500, 3) * 2 - 1        # speed, elevation, time
height = (1.5 + throw[:, 0]) * torch.sin(0.8 + 0.6 * throw[:, 1]) * (1 + throw[:, 2]) - 0.8 * (1 + throw[:, 2]) ** 2
height = height.unsqueeze(1)

model = nn.Sequential(nn.Linear(3, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
stop = EarlyStopper()
for epoch in range(600):
    loss = nn.functional.mse_loss(model(throw), height)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print("epoch", epoch, "loss", loss.item())
    if stop(loss.item()):
        print("converged in epoch", epoch, "at loss", loss.item())
        break
else:
    print("all epochs used, loss", loss.item())
