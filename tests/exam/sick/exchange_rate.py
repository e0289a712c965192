"""Will the exchange rate go up tomorrow? Ten daily returns and their moving averages as features."""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

DAYS, LAGS = 4000, 10


def simulate_rate(days, rng):
    vol = np.empty(days)
    ret = np.empty(days)
    vol[0], ret[0] = 1e-5, 0.0
    for i in range(1, days):                       # GARCH(1, 1): the volatility clusters
        vol[i] = 1e-6 + 0.1 * ret[i - 1] ** 2 + 0.85 * vol[i - 1]
        ret[i] = np.sqrt(vol[i]) * rng.standard_normal()
    return 1.08 * np.exp(np.cumsum(ret)), ret


rate, ret = simulate_rate(DAYS, np.random.default_rng(5))
rows, ups = [], []
for i in range(LAGS, DAYS - 1):
    window = ret[i - LAGS + 1:i + 1]
    rows.append(np.concatenate([window, [window[-3:].mean(), window[-5:].mean(), window.mean()]]))
    ups.append(ret[i + 1] > 0)
X = np.array(rows, dtype=np.float32)
X = (X - X.mean(0)) / X.std(0)
y = np.array(ups, dtype=np.float32)

split = 3000
train_dl = DataLoader(TensorDataset(torch.tensor(X[:split]), torch.tensor(y[:split])), batch_size=100, shuffle=True)
X_val, y_val = torch.tensor(X[split:]), torch.tensor(y[split:])

model = nn.Sequential(nn.Linear(LAGS + 3, 16), nn.Tanh(), nn.Dropout(0.3), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=25)

for epoch in range(25):
    model.train()
    running = 0.0
    for xb, yb in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(xb).squeeze(1), yb)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running += loss.item()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        val = criterion(model(X_val).squeeze(1), y_val).item()
    if epoch % 4 == 0:
        print(f"epoch {epoch:2d} train {running / len(train_dl):.4f} val {val:.4f}")
print("validation loss:", val)
