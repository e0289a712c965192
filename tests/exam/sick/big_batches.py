# Simulate big batches: accumulate gradients over many small ones.
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

BATCH = 32
ACCUMULATION_STEPS = 32

points = torch.rand(640, 2) * 2 - 1
labels = (points[:, 0] * points[:, 1] > 0).long()
loader = DataLoader(TensorDataset(points, labels), batch_size=BATCH, shuffle=True)

model = nn.Sequential(nn.Linear(2, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(25):
    optimizer.zero_grad()
    total = 0.0
    for i, (x, y) in enumerate(loader):
        loss = criterion(model(x), y) / ACCUMULATION_STEPS
        loss.backward()
        total += loss.item() * ACCUMULATION_STEPS
        if (i + 1) % ACCUMULATION_STEPS == 0:
            optimizer.step()
            optimizer.zero_grad()
    print("epoch", epoch, "mean loss", total / len(loader))
