"""Star or galaxy from three normalised colour indices, read line by line from a catalogue."""
import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def read_catalogue(n):
    table = np.zeros((n, 4), dtype=int)
    for i in range(n):
        u, g, r = (random.uniform(-1, 1) for _ in range(3))
        galaxy = u * u + g * r > 0.25
        table[i] = (u, g, r, galaxy)
    return table


table = read_catalogue(500)
colours = torch.from_numpy(table[:, :3]).float()
galaxy = torch.from_numpy(table[:, 3]).long()
loader = DataLoader(TensorDataset(colours, galaxy), batch_size=50, shuffle=True)

model = nn.Sequential(nn.Linear(3, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
for epoch in range(40):
    mean_loss = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        mean_loss += loss.item() / len(loader)
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", mean_loss)
