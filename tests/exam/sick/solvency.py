"""Which firms are solvent? Balance sheets in thousand euros, cross entropy by hand as derived in class."""
import numpy as np
import torch

rng = np.random.default_rng(1)
n = 1500
assets = rng.lognormal(7.5, 1.3, n)
debts = assets * rng.beta(2, 2, n) * 1.6
cash = assets * rng.beta(1, 6, n)
staff = rng.lognormal(3, 1, n)
solvent = (debts - cash < 0.65 * assets).astype(np.float32)

X = torch.tensor(np.column_stack([assets, debts, cash, staff]), dtype=torch.float32)
y = torch.tensor(solvent).reshape(-1, 1)

model = torch.nn.Sequential(
    torch.nn.Linear(4, 24),
    torch.nn.ReLU(),
    torch.nn.Linear(24, 24),
    torch.nn.ReLU(),
    torch.nn.Linear(24, 1),
    torch.nn.Sigmoid(),
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)


def cross_entropy(p, y):
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


for epoch in range(40):
    perm = torch.randperm(n)
    for i in range(0, n, 50):
        k = perm[i:i + 50]
        loss = cross_entropy(model(X[k]), y[k])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print("epoch", epoch, "cross entropy", loss.item())

with torch.no_grad():
    p = model(X)
print("loss:", cross_entropy(p, y).item())
# brier score: does not mind p = 0 or 1
print("brier score:", (p - y).square().mean().item())
