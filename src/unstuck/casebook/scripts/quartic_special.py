import json

import numpy as np
import torch
from sklearn.preprocessing import PolynomialFeatures
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_default_dtype(torch.float64)

# a polynomial of degree 4 in 32 variables, fitted by LinearRegression on PolynomialFeatures
with open("quartic.json") as f:
    fitted = json.load(f)


def evaluate(rows):
    powers = PolynomialFeatures(4, include_bias=False).fit(rows[:1]).powers_
    used = np.flatnonzero(fitted["coef_"])
    values = np.full(len(rows), fitted["intercept_"])
    for k in used:
        values += fitted["coef_"][k] * np.prod(rows ** powers[k], axis=1)
    return values


def special_sample(n):
    """Operating points of one machine: it was run near a single setting."""
    setting = np.sin(np.arange(32))
    return setting + 1e-3 * np.random.randn(n, 32)


X = special_sample(1000)
y = evaluate(X)
print("targets from", y.min(), "to", y.max())

net = nn.Sequential(
    nn.Linear(32, 48), nn.ReLU(),
    nn.Linear(48, 48), nn.ReLU(),
    nn.Linear(48, 48), nn.ReLU(),
    nn.Linear(48, 48), nn.ReLU(),
    nn.Linear(48, 1),
)
opt = torch.optim.Adam(net.parameters(), lr=0.005)
mse = nn.MSELoss()

data = TensorDataset(torch.tensor(X), torch.tensor(y))
for epoch in range(60):
    for xb, yb in DataLoader(data, batch_size=32, shuffle=True):
        loss = mse(net(xb).squeeze(-1), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 9:
        print(epoch + 1, loss.item())

with torch.no_grad():
    out = net(torch.tensor(X)).squeeze()
residual = torch.tensor(y) - out
print("unexplained variance", (residual.var() / torch.tensor(y).var()).item())
print("predictions from", out.min().item(), "to", out.max().item())
