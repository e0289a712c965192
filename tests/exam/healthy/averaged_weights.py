# Keep an exponential moving average of the weights and judge that, not the raw ones.
import copy

import torch
from torch import nn

points = torch.randn(600, 2)
radius = points.norm(dim=1)
label = ((radius > 0.7) & (radius < 1.5)).float()

model = nn.Sequential(nn.Linear(2, 48), nn.Mish(), nn.Linear(48, 48), nn.Mish(), nn.Linear(48, 1), nn.Flatten(0))
shadow = copy.deepcopy(model).requires_grad_(False)
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
bce = nn.BCEWithLogitsLoss()


@torch.no_grad()
def follow(decay):
    for s, p in zip(shadow.parameters(), model.parameters()):
        s.lerp_(p, 1 - decay)


for step in range(1, 601):
    batch = torch.randint(600, (100,))
    opt.zero_grad()
    loss = bce(model(points[batch]), label[batch])
    loss.backward()
    opt.step()
    follow(min(0.97, step / (step + 9)))
    if step % 100 == 0:
        print("step", step, "raw", loss.item(), "averaged", bce(shadow(points), label).item())
