"""4 % of the parts are bad. Class weights, batch norm, a validation set, the balanced accuracy."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(8)


def parts(n):
    z = rng.normal(size=(n, 4))
    score = z[:, 0] * z[:, 1] + 0.5 * z[:, 2]
    bad = score > 1.75
    return torch.tensor(z, dtype=torch.float32), torch.tensor(bad, dtype=torch.int64)


class Inspector(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.a = nn.Linear(4, hidden, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.b = nn.Linear(hidden, hidden)
        self.c = nn.Linear(hidden, 2)

    def forward(self, z):
        z = self.norm(self.a(z)).relu()
        return self.c(self.b(z).relu())


train, val = parts(3000), parts(1500)
frequency = torch.bincount(train[1]) / len(train[1])
weight = 0.5 / frequency
inspector = Inspector()
criterion = nn.CrossEntropyLoss(weight=weight)
optimizer = torch.optim.SGD(inspector.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)

for epoch in range(20):
    inspector.train()
    for rows in torch.randperm(3000).split(100):
        loss = criterion(inspector(train[0][rows]), train[1][rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    inspector.eval()
    with torch.no_grad():
        logits = inspector(val[0])
        found = logits.argmax(1)
        balanced = sum((found[val[1] == k] == k).float().mean().item() for k in (0, 1)) / 2
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1} balanced accuracy {balanced:.3f} weighted loss {criterion(logits, val[1]):.4f}")
