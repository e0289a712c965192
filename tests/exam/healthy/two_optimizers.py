# A slow SGD for the shared body and a fast Adam for the two heads. Body also has a cosine schedule to zero.
import math
import torch
from torch import nn

torch.manual_seed(19)
N = 700
theta = (torch.rand(N) * 2 - 1) * math.pi
length = torch.rand(N) * 1.5 + 0.5
inp = torch.stack([theta / math.pi, length], 1)
period = 2 * math.pi * torch.sqrt(length / 9.81) * (1 + theta ** 2 / 16 + 11 * theta ** 4 / 3072)
tip = length * torch.sin(theta)
out = torch.stack([(period - period.mean()) / period.std(), tip / tip.std()], 1)

body = nn.Sequential(nn.Linear(2, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh())
heads = nn.ModuleDict({"period": nn.Linear(48, 1), "tip": nn.Linear(48, 1)})
EPOCHS = 60
opt_body = torch.optim.SGD(body.parameters(), lr=0.05, momentum=0.9, nesterov=True)
opt_heads = torch.optim.Adam(heads.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt_body, T_max=EPOCHS * 18, eta_min=0.0)


def forward(x):
    z = body(x)
    return torch.cat([heads["period"](z), heads["tip"](z)], 1)


for epoch in range(EPOCHS):
    for b in torch.randperm(560).split(32):
        for o in (opt_body, opt_heads):
            o.zero_grad()
        diff = forward(inp[b]) - out[b]
        loss = 0.5 * diff[:, 0].pow(2).mean() + 0.5 * diff[:, 1].pow(2).mean()
        loss.backward()
        nn.utils.clip_grad_norm_(body.parameters(), 5.0)
        opt_body.step()
        opt_heads.step()
        sched.step()
    if epoch % 12 == 0:
        print(f"{epoch} {loss.item():.4f} lr {sched.get_last_lr()[0]:.4f}")
with torch.no_grad():
    e = (forward(inp[560:]) - out[560:]).pow(2).mean(0) / out[560:].var(0)
print("R2 of the worse head: %.4f" % (1 - e.max().item()))
