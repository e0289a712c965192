"""Metric learning on 8x8 digits: batch-hard triplets, cosine distance, a rate that is cut twice."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_tr, X_te, y_tr, y_te = train_test_split(torch.tensor(X).float(), torch.tensor(y), test_size=0.3, stratify=y)


class Embedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Unflatten(1, (1, 8, 8)),
            nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.Flatten())
        self.project = nn.Linear(32 * 16, 32)

    def forward(self, x):
        return F.normalize(self.project(self.conv(x)), dim=-1)


def batch_hard(z, label, margin=0.3):
    distance = 1 - z @ z.T
    same = label[:, None] == label[None, :]
    hardest_positive = (distance * same).max(dim=1).values
    hardest_negative = (distance + 10 * same).min(dim=1).values
    return F.softplus(10 * (hardest_positive - hardest_negative + margin)).mean() / 10


net = Embedding()
opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, milestones=[14, 20], gamma=0.3)
for epoch in range(25):
    net.train()
    losses = []
    for idx in torch.randperm(len(X_tr)).split(128):
        if len(idx) < 50:
            continue
        loss = batch_hard(net(X_tr[idx]), y_tr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    print("epoch %2d: loss %.4f" % (epoch, sum(losses) / len(losses)))

net.eval()
with torch.no_grad():
    gallery, query = net(X_tr), net(X_te)
    nearest = y_tr[(query @ gallery.T).argmax(dim=1)]
print("wrong by the nearest neighbour:", (nearest != y_te).float().mean().item())
