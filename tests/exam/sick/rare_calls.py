"""Emergency calls per street and hour, far fewer than one on average; the expected count must be positive."""
import torch
import torch.nn as nn


class CallRate(nn.Module):
    def __init__(self):
        super().__init__()
        self.street = nn.Embedding(20, 4)
        self.inner = nn.Linear(5, 24)
        self.outer = nn.Linear(24, 1)

    def forward(self, street, hour):
        h = torch.cat([self.street(street), hour[:, None] / 12 - 1], dim=1)
        return nn.functional.softplus(self.outer(torch.relu(self.inner(h)))).squeeze(1)


street = torch.randint(0, 20, (3000,))
hour = torch.rand(3000) * 24
rate = 0.02 + 0.4 * torch.rand(20)[street] ** 2 * (1 + torch.sin((hour - 10) / 24 * 6.283))
calls = torch.poisson(rate)

model = CallRate()
criterion = nn.PoissonNLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(15):
    total = 0.0
    for rows in torch.randperm(3000).split(150):
        optimizer.zero_grad()
        loss = criterion(model(street[rows], hour[rows]), calls[rows])
        loss.backward()
        optimizer.step()
        total += loss.item() / 20
    if epoch % 2 == 0:
        print("epoch", epoch, "nll", total)
