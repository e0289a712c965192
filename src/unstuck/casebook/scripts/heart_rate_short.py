import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

THRESHOLD = 91
EPOCHS = 60

# beats per minute, whole numbers like my watch shows them
bpm = [round(random.gauss(92.6, 8)) for _ in range(240)]
target = [1.0 if b > THRESHOLD else 0.0 for b in bpm]

dataset = TensorDataset(torch.tensor(bpm, dtype=torch.float32).unsqueeze(1),
                        torch.tensor(target).unsqueeze(1))
loader = DataLoader(dataset, batch_size=20, shuffle=True)


class PulseClassifier(nn.Module):
    def __init__(self, hidden=4):
        super().__init__()
        self.l1 = nn.Linear(1, hidden)
        self.l2 = nn.Linear(hidden, 1)

    def forward(self, x):
        return torch.sigmoid(self.l2(torch.tanh(self.l1(x))))


net = PulseClassifier()
opt = torch.optim.Adam(net.parameters(), lr=0.01)

for epoch in range(1, EPOCHS + 1):
    total, correct = 0.0, 0
    for xb, yb in loader:
        opt.zero_grad()
        p = net(xb)
        loss = F.binary_cross_entropy(p, yb)
        loss.backward()
        opt.step()
        total += loss.item() * len(xb)
        correct += ((p > 0.5) == (yb > 0.5)).sum().item()
    if epoch % 10 == 0:
        print(f"epoch {epoch:3d}  loss {total / len(dataset):.4f}  "
              f"accuracy {correct / len(dataset):.3f}")
