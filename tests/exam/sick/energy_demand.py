"""Demand of a town in kilowatts from the hour, the temperature and whether it is a working day."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def year(n):
    hour = np.random.uniform(0, 24, n)
    celsius = np.random.normal(10, 8, n)
    work = (np.random.rand(n) < 5 / 7).astype(float)
    kw = 42000 + 6000 * np.sin((hour - 9) / 24 * 2 * np.pi) * (0.6 + 0.4 * work)
    kw += 350 * np.maximum(15 - celsius, 0)
    table = np.stack([hour / 24, celsius / 10, work], axis=1)
    return table.astype(np.float32), kw.astype(np.float32)


table, kw = year(600)
inputs = torch.from_numpy(table)
demand = torch.from_numpy(kw)[:, None]
loader = DataLoader(TensorDataset(inputs, demand), batch_size=60, shuffle=True)

model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
criterion = nn.MSELoss()

for epoch in range(50):
    epoch_loss = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() / len(loader)
    if epoch % 5 == 4:
        print(f"Epoch [{epoch + 1}/50] Loss: {epoch_loss:.6g}")
