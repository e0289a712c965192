import numpy as np
import torch
from sklearn.datasets import load_wine
from torch import nn

data, target = load_wine(return_X_y=True)
# the chemist's units differ by three orders of magnitude; the first layer is a batch norm for that
X = torch.from_numpy(data.astype(np.float32))
y = torch.from_numpy(target)

net = nn.Sequential(
    nn.BatchNorm1d(13),
    nn.Linear(13, 32),
    nn.LeakyReLU(0.1),
    nn.Dropout(0.2),
    nn.Linear(32, 3),
)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=30 * 6)

for epoch in range(30):
    net.train()
    for rows in torch.randperm(len(X)).tensor_split(6):
        optimizer.zero_grad()
        loss = criterion(net(X[rows]), y[rows])
        loss.backward()
        optimizer.step()
        sched.step()
    if epoch % 5 == 4:
        net.eval()
        with torch.no_grad():
            scores = net(X)
            right = (scores.argmax(dim=-1) == y).sum().item()
            print(f"[{epoch + 1:2d}] {right}/{len(y)} right, smoothed CE {criterion(scores, y).item():.4f}")
