import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset


class Rings(Dataset):
    """Points on three rings of different radius; the label is the ring."""

    def __init__(self, n_per_ring=300):
        angle = torch.rand(3 * n_per_ring) * 6.2832
        self.labels = torch.arange(3).repeat_interleave(n_per_ring)
        radius = 0.4 + 0.6 * self.labels + 0.06 * torch.randn(3 * n_per_ring)
        self.points = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.points[i], self.labels[i]


class RingNet(nn.Module):
    def __init__(self, width=64, classes=3):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(2, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(0.1),
            nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU(),
        )
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        return self.head(self.body(x))


train_set = Rings()
train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
net = RingNet()
criterion = nn.CrossEntropyLoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)

for epoch in range(40):
    net.train()
    running = 0.0
    for points, labels in train_loader:
        opt.zero_grad()
        loss = criterion(net(points), labels)
        loss.backward()
        opt.step()
        running += loss.item()
    print("epoch", epoch, "train loss", running / len(train_loader))

net.eval()
with torch.no_grad():
    logits = net(train_set.points)
    print("accuracy", (logits.argmax(1) == train_set.labels).float().mean().item())
    print("final loss", criterion(logits, train_set.labels).item())
