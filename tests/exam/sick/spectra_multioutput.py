# Fit of layer thickness, roughness and tilt from four displacement readings (in metres).
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader


class Readings(Dataset):
    """displacements are a few hundred nanometres; outputs are three fit parameters"""

    def __init__(self, n, seed):
        g = torch.Generator().manual_seed(seed)
        u = torch.rand(n, 4, generator=g)
        self.x = u * 4e-7 - 2e-7
        s = u * 4 - 2
        self.y = torch.stack([
            (s[:, 0] * s[:, 1]) / 1.3,
            torch.sin(1.5 * s[:, 2]) + 0.5 * s[:, 3],
            (s[:, 3] ** 2 - 1.3) * 0.7,
        ], dim=1)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def build():
    return nn.Sequential(nn.Linear(4, 64), nn.GELU(), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 3))


def r2(model, ds):
    with torch.no_grad():
        res = ((model(ds.x) - ds.y) ** 2).sum(0)
        tot = ((ds.y - ds.y.mean(0)) ** 2).sum(0)
    return (1 - res / tot).mean().item()


torch.manual_seed(2)
train_ds, test_ds = Readings(600, 1), Readings(200, 2)
loader = DataLoader(train_ds, batch_size=40, shuffle=True)

model = build()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=40)
model = build()          # fresh weights for this run

for epoch in range(40):
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = nn.functional.smooth_l1_loss(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(xb)
    scheduler.step()
    if (epoch + 1) % 10 == 0:
        print(f"epoch {epoch + 1}: train {total / len(train_ds):.4f}")
print(f"mean R2 over the three outputs: {r2(model, test_ds):.4f}")
