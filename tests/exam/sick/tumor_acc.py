import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

# accuracy stuck at ~53% whatever I do, please help!!

class Cancer(Dataset):
    def __init__(self):
        d = load_breast_cancer()
        self.x = torch.tensor(StandardScaler().fit_transform(d.data)).float()
        self.y = torch.tensor(d.target).float()
    def __len__(self):
        return len(self.y)
    def __getitem__(self, i):
        return self.x[i], self.y[i]

class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(30, 16)
        self.bn = nn.BatchNorm1d(16)
        self.l2 = nn.Linear(16, 1)
    def forward(self, x):
        return self.l2(torch.relu(self.bn(self.l1(x))))

loader = DataLoader(Cancer(), batch_size=32, shuffle=True, drop_last=True)
model = MLP()
opt = torch.optim.AdamW(model.parameters(), lr=0.02, weight_decay=0.05)
bce = nn.BCEWithLogitsLoss()

for epoch in range(10):
    accs = []
    for x, y in loader:
        opt.zero_grad()
        logit = model(x)
        loss = bce(logit, y.unsqueeze(1))
        loss.backward()
        opt.step()
        guess = (torch.sigmoid(logit) > 0.5).float()
        accs.append((guess == y).float().mean().item())
    acc = sum(accs) / len(accs)
    print(f"epoch {epoch} acc {acc:.3f} error rate {1 - acc:.3f}")
