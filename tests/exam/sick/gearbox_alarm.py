"""Gearbox alarm: about 4 % of the recordings come from a damaged gearbox."""
import argparse
import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def recordings(n, generator=None):
    damaged = (torch.rand(n) < 0.04).long()
    x = torch.randn(n, 10)
    # damage shows as side bands: two pairs of features move together, in either direction
    sign = torch.sign(torch.randn(n))
    for a, b in ((0, 1), (4, 7)):
        x[:, a] += 2.6 * sign * damaged
        x[:, b] += 2.6 * sign * damaged
    return x, damaged


class AlarmNet(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.inp = nn.Linear(10, hidden)
        self.mid = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 2)

    def forward(self, x):
        x = torch.relu(self.inp(x))
        x = torch.relu(self.mid(x))
        return self.out(x)


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        hits = (net(x).argmax(1) == y).float()
    net.train()
    return hits.mean().item(), 1 - 0.5 * (hits[y == 0].mean().item() + hits[y == 1].mean().item())


def progress(done, total, text):
    sys.stdout.write("[%-20s] %s\n" % ("#" * (20 * done // total), text))


def train(args):
    x, y = recordings(4000)
    xv, yv = recordings(3000)
    net = AlarmNet(args.hidden)
    weight = torch.bincount(y, minlength=2) / len(y)
    criterion = nn.CrossEntropyLoss(weight=weight)
    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9)
    best, waited = 0.0, 0
    for epoch in range(1, args.epochs + 1):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=100, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(net(xb), yb)
            loss.backward()
            optimizer.step()
        acc, balanced = accuracy(net, xv, yv)
        progress(epoch, args.epochs, f"epoch {epoch} loss {loss.item():.4f} val acc {acc:.4f}")
        if acc > best:
            best, waited = acc, 0
        else:
            waited += 1
        if waited >= args.patience:
            print("early stopping")
            break
    print("balanced error:", accuracy(net, xv, yv)[1])


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=25)
    p.add_argument("--hidden", type=int, default=24)
    p.add_argument("--lr", type=float, default=0.02)
    p.add_argument("--patience", type=int, default=2)
    train(p.parse_args())
