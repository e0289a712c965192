"""Tomorrow's return of a share from the returns of the last ten days (simulated walk)."""
import torch
import torch.nn as nn
import torch.nn.functional as F

DAYS = 1500
WINDOW = 10

returns = torch.randn(DAYS)
windows = returns.unfold(0, WINDOW, 1)[:-1]
tomorrow = returns[WINDOW:].unsqueeze(1)


class Trader(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(WINDOW, 16)
        self.fc2 = nn.Linear(16, 1)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


trader = Trader()
optimizer = torch.optim.Adam(trader.parameters(), lr=0.001)

for epoch in range(40):
    perm = torch.randperm(len(windows))
    losses = 0
    for chunk in perm.split(64):
        optimizer.zero_grad()
        loss = F.mse_loss(trader(windows[chunk]), tomorrow[chunk])
        loss.backward()
        optimizer.step()
        losses += loss.item() * len(chunk)
    print(epoch, "loss", losses / len(windows))
