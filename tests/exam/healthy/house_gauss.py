import numpy as np, torch, torch.nn as nn
# house prices with an uncertainty: net gives mean and log sigma. prices are in euro (300000!!),
# so I put the scale into the model instead of touching the data
rng = np.random.default_rng(3)
area = rng.uniform(30, 220, 3000)
rooms = np.round(area / 28 + rng.normal(0, .6, 3000))
dist = rng.exponential(6, 3000)
price = 1000 * (60 + 2.1 * area - 5 * dist + 8 * rooms) * 1.3 + rng.normal(0, 25000, 3000)
X = torch.tensor(np.c_[area, rooms, dist], dtype=torch.float32)
y = torch.tensor(price, dtype=torch.float32)

class Gauss(nn.Module):
    def __init__(self, X, y):
        super().__init__()
        self.norm = nn.BatchNorm1d(3, affine=False, momentum=None)
        self.body = nn.Sequential(nn.Linear(3, 32), nn.ELU(), nn.Linear(32, 2))
        self.register_buffer("m", y.mean())
        self.register_buffer("s", y.std())
        nn.init.zeros_(self.body[2].weight)      # start from "average house", std of the data
        nn.init.zeros_(self.body[2].bias)
    def forward(self, x):
        mu, ls = self.body(self.norm(x)).unbind(1)
        return self.m + self.s * mu, ls

net = Gauss(X, y)
opt = torch.optim.Adam(net.parameters(), 0.02)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12)      # down to nothing at the end
for ep in range(12):
    net.train()
    for i in torch.randperm(3000).split(100):
        mu, ls = net(X[i])
        nll = (0.5 * ((y[i] - mu) / net.s) ** 2 * torch.exp(-2 * ls) + ls).mean()
        opt.zero_grad(); nll.backward(); opt.step()
    sched.step()
    print(ep, "nll", nll.item())        # negative from epoch 2 on
net.eval()
with torch.no_grad():
    rmse = (net(X)[0] - y).pow(2).mean().sqrt()
print("typical miss in euro (noise is 25000):", rmse.item())
