# Predicting flat prices (in 100k EUR) for a local portal. Loss goes down a bit and
# then sits there, and the predictions are all nearly the same number. Ideas?
import numpy as np
import torch
import torch.nn as nn

np.random.seed(3)
torch.manual_seed(3)

n = 400
sqft = np.random.uniform(400, 3200, n)
rooms = np.random.randint(1, 7, n)
year = np.random.uniform(1920, 2020, n)
dist = np.random.uniform(0.2, 25, n)          # km to the centre
price = 0.8 + sqft / 900 * np.exp(-dist / 18) + 0.012 * (year - 1970) + 0.1 * rooms
price += 0.05 * np.random.randn(n)

X = np.stack([sqft, rooms, year, dist], axis=1).astype("float32")
X = torch.from_numpy(X)
y = torch.tensor(price, dtype=torch.float32)

X_train, X_test = X[:300], X[300:]
y_train, y_test = y[:300], y[300:]

net = nn.Sequential(
    nn.Linear(4, 32),
    nn.Tanh(),
    nn.Linear(32, 16),
    nn.Tanh(),
    nn.Linear(16, 1),
)
opt = torch.optim.Adam(net.parameters(), lr=0.01)

for epoch in range(500):
    out = net(X_train)
    loss = ((out - y_train) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 100 == 0:
        print(epoch, loss.item())

with torch.no_grad():
    pred = net(X_test).flatten()
    ss = ((pred - y_test) ** 2).sum() / ((y_test - y_test.mean()) ** 2).sum()
print(f"test R2: {1 - ss.item():.4f}")
