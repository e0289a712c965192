"""Embed handwritten digits so that the same digit lies close together (triplet loss)."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

digits = load_digits()
images = torch.tensor(digits.data / 16.0, dtype=torch.float32)
labels = torch.tensor(digits.target)
perm = torch.randperm(len(images))
train_idx, test_idx = perm[:1300], perm[1300:]
x_train, y_train = images[train_idx], labels[train_idx]
x_test, y_test = images[test_idx], labels[test_idx]
members = {d: (y_train == d).nonzero().flatten() for d in range(10)}


class Embedder(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.fc1 = nn.Linear(64, 96)
        self.fc2 = nn.Linear(96, dim, bias=False)

    def forward(self, x):
        return F.normalize(self.fc2(F.leaky_relu(self.fc1(x), 0.1)), dim=1)


def triplets(n):
    a = torch.randint(len(x_train), (n,))
    pos, neg = torch.empty_like(a), torch.empty_like(a)
    for k, i in enumerate(a.tolist()):
        same = members[y_train[i].item()]
        pos[k] = same[torch.randint(len(same), (1,))]
        j = torch.randint(len(x_train), (1,)).item()
        while y_train[j] == y_train[i]:
            j = torch.randint(len(x_train), (1,)).item()
        neg[k] = j
    return a, pos, neg


net = Embedder()
optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.1)

for it in range(400):
    a, p, n = triplets(64)
    anchor, positive, negative = net(x_train[a]), net(x_train[p]), net(x_train[n])
    loss = F.triplet_margin_loss(anchor, negative, positive, margin=0.4)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    if it % 50 == 49:
        print("iteration %3d  triplet loss %.4f" % (it + 1, loss.item()))

with torch.no_grad():
    centers = torch.stack([net(x_train[y_train == d]).mean(0) for d in range(10)])
    nearest = torch.cdist(net(x_test), centers).argmin(1)
print("share of wrong digits:", (nearest != y_test).float().mean().item())
