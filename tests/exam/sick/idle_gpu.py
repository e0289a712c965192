# GPU is idle with small batches so I went to big ones. Now it does not learn?
import argparse
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ap = argparse.ArgumentParser()
ap.add_argument("--batch-size", type=int, default=2000)
ap.add_argument("--epochs", type=int, default=12)
ap.add_argument("--lr", type=float, default=2e-3)
ap.add_argument("--hidden", type=int, default=64)
opt = ap.parse_args()

torch.manual_seed(31)
n = 2400
angle = torch.rand(n) * 2.5 * 3.14159
arm = torch.randint(0, 2, (n,))
radius = 0.2 + angle / 8
xy = torch.stack([radius * torch.cos(angle + arm * 3.14159), radius * torch.sin(angle + arm * 3.14159)], 1)
xy = (xy + 0.02 * torch.randn(n, 2)) * 1.6
train = TensorDataset(xy[:2000], arm[:2000])
loader = DataLoader(train, batch_size=opt.batch_size, shuffle=True)

net = nn.Sequential(nn.Linear(2, opt.hidden), nn.ReLU(),
                    nn.Linear(opt.hidden, opt.hidden), nn.ReLU(),
                    nn.Linear(opt.hidden, 2))
adam = torch.optim.Adam(net.parameters(), lr=opt.lr, amsgrad=True)
ce = nn.CrossEntropyLoss()

for ep in range(opt.epochs):
    for xb, yb in loader:
        adam.zero_grad(set_to_none=False)
        loss = ce(net(xb), yb)
        loss.backward()
        adam.step()
    if ep % max(1, opt.epochs // 6) == 0:
        print("epoch", ep, "loss", round(loss.item(), 4))

with torch.no_grad():
    acc = (net(xy[2000:]).argmax(-1) == arm[2000:]).float().mean().item()
print(f"two spirals, test accuracy {acc:.4f}")
