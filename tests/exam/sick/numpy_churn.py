# churn yes/no from usage ratios; everything prepared in numpy first
import numpy as np
import torch
import torch.nn as nn

RS = np.random.RandomState(13)
torch.manual_seed(13)

N = 900
usage = RS.rand(N, 5)                     # all columns are fractions of the plan's quota
score = 3 * np.abs(usage[:, 0] - usage[:, 1]) + 2 * usage[:, 2] * usage[:, 3] - usage[:, 4]
churn = (score > np.median(score))

table = np.zeros((N, 6), dtype=np.int64)
table[:, :5] = usage
table[:, 5] = churn

features = torch.from_numpy(table[:, :5]).float()
labels = torch.from_numpy(table[:, 5]).float()
features = (features - features.mean(0)) / (features.std(0) + 1e-8)

split = 700
hidden = 32


class Churn(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(5, hidden)
        self.b = nn.Linear(hidden, hidden)
        self.c = nn.Linear(hidden, 1)

    def forward(self, x):
        x = self.a(x).relu()
        x = self.b(x).relu()
        return torch.softmax(self.c(x), dim=1).squeeze(1)


def predict(m, x):
    with torch.no_grad():
        return torch.sigmoid(m(x)) > 0.5


m = Churn()
crit = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(m.parameters(), lr=3e-3)
for epoch in range(60):
    ids = torch.randperm(split)
    for s in range(0, split, 50):
        i = ids[s:s + 50]
        opt.zero_grad()
        loss = crit(m(features[:split][i]), labels[:split][i])
        loss.backward()
        opt.step()
    if epoch % 15 == 0:
        print("epoch", epoch, "loss", round(loss.item(), 4))

acc = (predict(m, features[split:]) == labels[split:].bool()).float().mean().item()
print("accuracy: %.4f (base rate %.2f)" % (acc, churn[split:].mean()) + " -> %.4f" % acc)
