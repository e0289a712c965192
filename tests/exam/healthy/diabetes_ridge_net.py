"""
Sparse data, many columns: 400 patients, 80 blood markers that all matter a little.
A wide net under a heavy weight decay gets as far as ridge regression does, and without it memorises the noise.
"""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng()
markers = rng.normal(size=(1400, 80))
effect = rng.normal(size=80) / np.sqrt(80)
risk = markers @ effect + rng.normal(0, 0.7, 1400)

x, y = torch.from_numpy(markers).float(), torch.from_numpy(risk).float()
x_train, y_train, x_test, y_test = x[:400], y[:400], x[400:], y[400:]

net = nn.Sequential(nn.Linear(80, 128), nn.ELU(), nn.Linear(128, 1), nn.Flatten(0))
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=0.2)

for step in range(1, 601):
    optimizer.zero_grad()
    loss = (net(x_train) - y_train).pow(2).mean()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print(f"step {step}: train mse {loss.item():.3f}")

with torch.no_grad():
    weights = torch.linalg.solve(x_train.T @ x_train + 40 * torch.eye(80), x_train.T @ y_train)
    print("ridge regression:", (x_test @ weights - y_test).pow(2).mean().item())
    print("the mean:", (y_train.mean() - y_test).pow(2).mean().item())
    print("test mse:", (net(x_test) - y_test).pow(2).mean().item())
