# One trunk, two questions about a pendulum: where is it in 0.3 s (regression), does it swing over (yes/no)?
import torch
import torch.nn as nn
import torch.nn.functional as F


def pendulum(n, steps=30, dt=0.01):
    angle = (torch.rand(n) * 2 - 1) * 2.5
    speed = torch.randn(n) * 3
    start = torch.stack([angle.sin(), angle.cos(), speed / 3], dim=1)
    over = (0.5 * speed ** 2 - 9.81 * angle.cos() > 9.81).float()
    for _ in range(steps):
        speed = speed - 9.81 * angle.sin() * dt
        angle = angle + speed * dt
    return start, {"position": torch.stack([angle.sin(), angle.cos()], 1), "over": over}


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(3, 64), nn.ELU(), nn.Linear(64, 64), nn.ELU())
        self.heads = nn.ModuleDict({"position": nn.Linear(64, 2), "over": nn.Linear(64, 1)})

    def forward(self, x):
        h = self.trunk(x)
        return {name: head(h) for name, head in self.heads.items()}


start, truth = pendulum(2000)
net = TwoHeads()
opt = torch.optim.Adam([
    {"params": net.trunk.parameters(), "lr": 3e-3},
    {"params": net.heads.parameters(), "lr": 6e-3},
])
for epoch in range(40):
    for rows in torch.randperm(2000).chunk(20):
        answer = net(start[rows])
        loss_p = F.mse_loss(answer["position"], truth["position"][rows])
        loss_o = F.binary_cross_entropy_with_logits(answer["over"].squeeze(1), truth["over"][rows])
        loss = loss_p + 0.3 * loss_o
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 8 == 7:
        print(f"epoch {epoch + 1}: position {loss_p.item():.5f} over {loss_o.item():.5f} total {loss.item():.5f}")
