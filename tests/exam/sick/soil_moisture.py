"""Soil moisture from four spectral bands. Strong L2 because we have few plots."""
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F


def build_parser():
    p = argparse.ArgumentParser()
    p.add_argument("--plots", type=int, default=240)
    p.add_argument("--lr", type=float, default=0.01)
    p.add_argument("--l2", type=float, default=0.3)
    p.add_argument("--epochs", type=int, default=60)
    return p


class MoistureNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(4, 32)
        self.l2 = nn.Linear(32, 32)
        self.l3 = nn.Linear(32, 1)

    def forward(self, bands):
        return self.l3(F.relu(self.l2(F.relu(self.l1(bands)))))


def huber_like(error):
    return torch.where(error.abs() < 1, 0.5 * error ** 2, error.abs() - 0.5).mean()


def main():
    args = build_parser().parse_args()
    bands = torch.randn(args.plots, 4)
    moisture = torch.tanh(bands[:, 0] - bands[:, 1]) + 0.5 * bands[:, 2] * bands[:, 3].sign()
    net = MoistureNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=args.lr, weight_decay=args.l2)
    for epoch in range(args.epochs):
        total = 0.0
        for rows in torch.randperm(args.plots).split(40):
            optimizer.zero_grad()
            loss = huber_like(net(bands[rows]) - moisture[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() / 6
        if epoch % 10 == 9:
            print("epoch", epoch + 1, "loss", total)


if __name__ == "__main__":
    main()
