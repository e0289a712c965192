"""Fit the displacement of a footbridge after a jump (accelerometer already integrated twice)."""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

t = torch.linspace(0, 1, 300).unsqueeze(1)      # seconds
u = torch.exp(-1.2 * t) * torch.sin(2 * math.pi * 14 * t) + 0.4 * torch.sin(2 * math.pi * 31 * t)


def make_model(width=64, depth=2):
    layers = [nn.Linear(1, width), nn.Tanh()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(width, 1))


def fit(model, features, target, steps=1500):
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.98)
    for step in range(1, steps + 1):
        loss = F.mse_loss(model(features), target)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        if step % 150 == 0:
            print(f"{step:5d}  mse {loss.item():.6f}  lr {sched.get_last_lr()[0]:.2e}")
    return loss.item()


model = make_model()
print("parameters:", sum(p.numel() for p in model.parameters()))
fit(model, t, u)
with torch.no_grad():
    print("share of the variance left:", (F.mse_loss(model(t), u) / u.var()).item())
