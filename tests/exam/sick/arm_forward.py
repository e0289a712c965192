"""
Forward kinematics of a robot arm with three joints: from the angles to the position (x, y) and the direction of the hand.
Baseline for the lab course, week 4.
"""
import argparse

import torch
import torch.nn.functional as F
from torch import nn, optim


class ArmNet(nn.Module):
    def __init__(self, n_hidden=64):
        super().__init__()
        self.fc1 = nn.Linear(3, n_hidden)
        self.fc2 = nn.Linear(n_hidden, n_hidden)
        self.fc3 = nn.Linear(n_hidden, 4)

    def forward(self, q):
        x = self.fc1(q)
        F.elu(x)
        x = self.fc2(x)
        F.elu(x)
        return self.fc3(x)


def arm(n, lengths=(1.0, 0.7, 0.4)):
    q = (torch.rand(n, 3) - 0.5) * torch.pi
    angle = q.cumsum(dim=1)
    links = torch.tensor(lengths)
    hand = torch.stack([(links * angle.cos()).sum(1), (links * angle.sin()).sum(1), angle[:, 2].cos(), angle[:, 2].sin()], dim=1)
    return q, hand


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--epochs", type=int, default=25)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--decay", type=float, default=0.1, help="weight decay against overfitting")
    args = ap.parse_args()

    q, hand = arm(3000)
    q_test, hand_test = arm(1000)
    net = ArmNet()
    optimizer = optim.Adam(net.parameters(), lr=args.lr, weight_decay=args.decay)
    for epoch in range(args.epochs):
        order = torch.randperm(len(q))
        for lo in range(0, len(q), args.batch):
            pick = order[lo:lo + args.batch]
            loss = F.mse_loss(net(q[pick]), hand[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 10 == 9:
            print("epoch %d: loss %.5f" % (epoch + 1, loss.item()))
    with torch.no_grad():
        left = (net(q_test) - hand_test).square().mean(0) / hand_test.var(0)
    print("unexplained share of x, y, cos, sin:", " ".join("%.4f" % v for v in left.tolist()))
    print("on average:", left.mean().item())


if __name__ == "__main__":
    main()
