"""Memory is short, so every update is the mean of two micro-batches."""
import torch
import torch.nn.functional as F
from torch import nn

ACCUMULATE = 2
MICRO = 16

features = torch.rand(512, 4) * 2 - 1
inside = (features.norm(dim=1) < 1.1).long()   # inside the ball or not

network = nn.Sequential()
network.add_module("fc1", nn.Linear(4, 48))
network.add_module("act1", nn.ReLU())
network.add_module("fc2", nn.Linear(48, 48))
network.add_module("act2", nn.ReLU())
network.add_module("out", nn.Linear(48, 2))

optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)

for epoch in range(100):
    order = torch.randperm(len(features))
    epoch_loss = 0.0
    optimizer.zero_grad()
    for k, start in enumerate(range(0, len(features), MICRO)):
        rows = order[start:start + MICRO]
        loss = F.cross_entropy(network(features[rows]), inside[rows])
        (loss / ACCUMULATE).backward()
        epoch_loss += loss.item() * len(rows)
        if (k + 1) % ACCUMULATE == 0:
            optimizer.step()
            optimizer.zero_grad()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1}: {epoch_loss / len(features):.4f}")

with torch.no_grad():
    print("final loss", F.cross_entropy(network(features), inside).item())
