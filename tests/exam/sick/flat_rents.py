# rents (thousands per month) from a web form; some people entered the rent without the decimal point
import torch
import torch.nn as nn
import torch.nn.functional as F

n = 600
flat = torch.rand(n, 3) * 2 - 1          # size, storey, distance, all scaled
rent = 1.2 + 0.8 * flat[:, 0] - 0.5 * torch.sin(3 * flat[:, 2]) + 0.3 * flat[:, 1] * flat[:, 0]
rent[torch.randperm(n)[:9]] *= 1000


class RentNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 32)
        self.fc2 = nn.Linear(32, 32)
        self.fc3 = nn.Linear(32, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x).squeeze(-1)


net = RentNet()
optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
for epoch in range(40):
    losses = []
    for rows in torch.randperm(n).split(60):
        optimizer.zero_grad()
        loss = F.mse_loss(net(flat[rows]), rent[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 10 == 9:
        print("epoch", epoch + 1, "loss", sum(losses) / len(losses))
