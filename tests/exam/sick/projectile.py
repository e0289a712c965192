# Range of a projectile thrown from a cliff, learnt from simulated throws.
# speed in units of 50 m/s, angle in rad, cliff height in units of 30 m, range as the simulator prints it (mm).
import math
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

torch.manual_seed(1)
G = 9.81


def throw_range(v, a, h):
    vx, vy = v * torch.cos(a), v * torch.sin(a)
    return vx * (vy + torch.sqrt(vy ** 2 + 2 * G * h)) / G


speed = torch.rand(600) * 40 + 10
angle = torch.rand(600) * (math.pi / 2)
height = torch.rand(600) * 30
inputs = torch.stack([speed / 50, angle, height / 30], dim=1)
target = 1000 * throw_range(speed, angle, height).unsqueeze(1)
train, test = slice(0, 480), slice(480, 600)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(3, 48)
        self.mid = nn.Linear(48, 48)
        self.out = nn.Linear(48, 1)

    def forward(self, x):
        x = torch.tanh(self.inp(x))
        x = torch.tanh(self.mid(x))
        return self.out(x)


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
loss_fn = nn.MSELoss()

for epoch in range(80):
    order = torch.randperm(480)
    for k in range(0, 480, 32):
        b = order[k:k + 32]
        loss = loss_fn(net(inputs[train][b]), target[train][b])
        opt.zero_grad()
        loss.backward()
        clip_grad_norm_(net.parameters(), 0.002)
        opt.step()
    if epoch % 20 == 0:
        print(f"{epoch:3d}  {loss.item():.4f}")

with torch.no_grad():
    p, t = net(inputs[test]), target[test]
    r2 = 1 - ((p - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()
print(f"R^2 on unseen throws: {r2.item():.4f}")
