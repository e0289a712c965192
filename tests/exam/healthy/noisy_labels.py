# 30% of the labels are flipped at random (crowd workers), label smoothing, loss stays high: that is the data.
import numpy as np
import torch
import torch.nn as nn

np.random.seed(2)
torch.manual_seed(2)
pts = np.random.uniform(-1, 1, size=(4000, 2)).astype(np.float32)
true = (pts[:, 1] > 0.5 * np.sin(3 * pts[:, 0])).astype(np.int64)
flip = np.random.rand(4000) < 0.3
given = np.where(flip, 1 - true, true)
X, Y = torch.from_numpy(pts), torch.from_numpy(given)

model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=1e-4)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)

for epoch in range(30):
    perm = torch.randperm(3200)
    losses = []
    for i in range(0, 3200, 80):
        idx = perm[i:i + 80]
        loss = loss_fn(model(X[:3200][idx]), Y[:3200][idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    schedule.step()
    if epoch % 6 == 0:
        print("epoch %d: %.4f" % (epoch, np.mean(losses)))

with torch.no_grad():
    guess = model(X[3200:]).argmax(1).numpy()
given_err = (guess != given[3200:]).mean()
print("disagrees with given labels: %.3f; with the rule behind them: %.4f" % (given_err, (guess != true[3200:]).mean()))
