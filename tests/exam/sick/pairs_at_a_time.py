"""Stiffness of a beam; little memory, so two rows at a time. Batch norm, because everybody uses it."""
import torch
import torch.nn as nn


class BeamNet(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.fc1 = nn.Linear(3, width)
        self.bn1 = nn.BatchNorm1d(width)
        self.fc2 = nn.Linear(width, width)
        self.bn2 = nn.BatchNorm1d(width)
        self.fc3 = nn.Linear(width, 1)

    def forward(self, x):
        x = torch.relu(self.bn1(self.fc1(x)))
        x = torch.relu(self.bn2(self.fc2(x)))
        return self.fc3(x)


beam = torch.rand(200, 3) * 2 - 1
stiffness = torch.exp(beam[:, :1]) * (1 + 0.5 * torch.sin(3 * beam[:, 1:2])) - beam[:, 2:] ** 2
stiffness = (stiffness - stiffness.mean()) / stiffness.std()

net = BeamNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    net.train()
    total = 0.0
    for rows in torch.randperm(200).split(2):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(beam[rows]), stiffness[rows])
        loss.backward()
        opt.step()
        total += loss.item() / 100
    print("epoch", epoch + 1, "loss", round(total, 5))
