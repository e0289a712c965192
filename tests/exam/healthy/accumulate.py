# small-memory card: gradients of 8 micro batches of 4 rows are summed before each update
import torch
from torch import nn

torch.manual_seed(5)
x = torch.randn(512, 6)
y = torch.sin(x[:, 0] * 1.5) + 0.5 * x[:, 1] * x[:, 2] + 0.2 * x[:, 3]
y = (y + 0.05 * torch.randn(512)).unsqueeze(1)
xt, yt, x, y = x[400:], y[400:], x[:400], y[:400]

net = nn.Sequential(nn.Linear(6, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.02)
ACC, MICRO = 8, 4

step = 0
for epoch in range(40):
    for micro in torch.randperm(400).split(MICRO):
        loss = nn.functional.mse_loss(net(x[micro]), y[micro]) / ACC
        loss.backward()
        step += 1
        if step % ACC == 0:
            opt.step()
            opt.zero_grad()
    if epoch % 8 == 0:
        print(f"epoch {epoch} last micro loss {loss.item() * ACC:.4f}")

with torch.no_grad():
    r2 = 1 - ((net(xt) - yt) ** 2).sum() / ((yt - yt.mean()) ** 2).sum()
print(f"test R2 {r2.item():.4f}")
