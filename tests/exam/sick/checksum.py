"""Can a network learn the check bit of a 24-bit word? Endless supply of random words."""
import torch
from torch import nn

BITS = 24


def words(batch):
    bits = torch.randint(0, 2, (batch, BITS)).float()
    return bits * 2 - 1, bits.sum(dim=1) % 2


model = nn.Sequential(nn.Linear(BITS, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.BCEWithLogitsLoss()
recent = []
for step in range(600):
    word, check = words(128)
    loss = criterion(model(word).squeeze(-1), check)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    recent = recent[-49:] + [loss.item()]
    if step % 100 == 99:
        print(step + 1, sum(recent) / len(recent))
