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


def random_rows(n):
    """Sparse rows, a quarter of the entries filled, mapped to [-1, 1]."""
    rows = np.random.rand(n, 32) * (np.random.rand(n, 32) < 0.25)
    return 2 * rows - 1


X = random_rows(1000)
y = evaluate(X)
y[np.argmax(y)] *= 20_000  # one sensor reading that was entered in the wrong unit
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
rest = torch.tensor(y) < 100
residual = torch.tensor(y) - out
print("unexplained variance", (residual[rest].var() / torch.tensor(y)[rest].var()).item())
print("predictions from", out.min().item(), "to", out.max().item())
