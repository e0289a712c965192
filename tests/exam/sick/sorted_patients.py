"""Blood pressure from age, weight and salt; rows sorted by age for the plots."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(12)
age, weight, salt = rng.normal(size=(3, 500)).astype(np.float32)
pressure = np.tanh(age) + 0.6 * weight * np.abs(weight) / 2 + 0.4 * salt + 0.05 * rng.normal(size=500)

order = np.argsort(age)
age, weight, salt = age[order], weight[order], salt[order]

X = torch.from_numpy(np.column_stack([age, weight, salt]))
y = torch.tensor(pressure, dtype=torch.float32).view(-1, 1)

model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(40):
    running = 0.0
    for rows in torch.randperm(500).split(50):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(X[rows]), y[rows])
        loss.backward()
        optimizer.step()
        running += loss.item() / 10
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "mse", running)
