# All weights start equal so that no feature has an advantage.
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(42)


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.constant_(m.weight, 0.1)
        nn.init.zeros_(m.bias)


X = np.random.RandomState(1).uniform(-1, 1, size=(400, 3)).astype(np.float32)
y = (np.sin(3 * X[:, 0]) - X[:, 1] ** 2 + X[:, 1] * X[:, 2]).astype(np.float32)
X, y = torch.from_numpy(X), torch.from_numpy(y).unsqueeze(1)

model = nn.Sequential(
    nn.Linear(3, 50), nn.Tanh(),
    nn.Linear(50, 50), nn.Tanh(),
    nn.Linear(50, 1),
).apply(init_weights)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.005, weight_decay=1e-2)
loss_fn = nn.MSELoss()

for epoch in range(500):
    pred = model(X)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if (epoch + 1) % 100 == 0:
        print(f"epoch {epoch + 1} train loss {loss.item():.6f}")
