# size of an insurance claim from age, mileage, power and region; in units of the mean claim
import torch
import torch.nn as nn
import torch.nn.functional as F

n = 800
person = torch.randn(n, 4)
risk = torch.sin(1.5 * person[:, 0]) + person[:, 1] * person[:, 2] + 0.5 * person[:, 3] ** 2
claim = torch.exp(2.0 * risk + 0.3 * torch.randn(n))
claim = claim / claim.mean()


class ClaimNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 64)
        self.fc2 = nn.Linear(64, 64)
        self.fc3 = nn.Linear(64, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x).squeeze(-1)


net = ClaimNet()
optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
for epoch in range(60):
    losses = []
    for rows in torch.randperm(n).split(80):
        optimizer.zero_grad()
        loss = F.mse_loss(net(person[rows]), claim[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 10 == 9:
        print("epoch", epoch + 1, "loss", sum(losses) / len(losses))
