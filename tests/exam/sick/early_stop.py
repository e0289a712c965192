"""Concrete-strength-like regression with validation, LR schedule and early stopping."""
import copy
import numpy as np
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import ExponentialLR
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(21)
torch.manual_seed(21)

cement, water, age = rng.uniform(100, 540, 700), rng.uniform(120, 250, 700), rng.uniform(1, 120, 700)
strength = 25 * np.log1p(age) / 4 * (cement / water) ** 1.2 / 2 - 8 * np.cos(cement / 50)
feats = np.column_stack([cement, water, age])
feats = (feats - feats.mean(0)) / feats.std(0)
target = (strength - strength.mean()) / strength.std()
X = torch.as_tensor(feats, dtype=torch.float32)
Y = torch.as_tensor(target, dtype=torch.float32).view(-1, 1)

train_dl = DataLoader(TensorDataset(X[:500], Y[:500]), batch_size=50, shuffle=True)
Xv, Yv, Xt, Yt = X[500:600], Y[500:600], X[600:], Y[600:]

model = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.8)
sched = ExponentialLR(opt, gamma=0.93)
mse = nn.MSELoss()

best, best_state, bad = float("inf"), None, 0
PATIENCE, MIN_DELTA = 2, 0.08
for epoch in range(150):
    model.train()
    for xb, yb in train_dl:
        loss = mse(model(xb), yb)
        loss.backward()
        opt.step()
        opt.zero_grad()
        sched.step()
    model.eval()
    with torch.no_grad():
        val = mse(model(Xv), Yv).item()
    if epoch % 10 == 0:
        print(f"epoch {epoch} val {val:.4f} lr {sched.get_last_lr()[0]:.2e}")
    if val < best - MIN_DELTA:
        best, best_state, bad = val, copy.deepcopy(model.state_dict()), 0
    else:
        bad += 1
        if bad >= PATIENCE:
            print("early stop at", epoch)
            break

model.load_state_dict(best_state)
with torch.no_grad():
    r2 = 1 - (mse(model(Xt), Yt) / Yt.var(unbiased=False)).item()
print(f"test R2 {r2:.4f}")
