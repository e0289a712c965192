"""Power of a wind turbine from wind speed and air density. Trained on the summer, asked in the winter storms."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(8)


def turbine(speed, density):
    """MW, per unit of the rated power"""
    power = 0.5 * density * speed**3 / 900
    power = np.where(speed < 3, 0.0, np.minimum(power, 1.0))
    return np.where(speed > 21, 0.0, power)          # cut out in a storm


def season(n, mean, spread, temperature):
    speed = np.clip(rng.normal(mean, spread, n), 0, 28)
    density = 1.29 * 273 / (273 + temperature + rng.normal(0, 4, n))
    features = np.column_stack([speed, density])
    return features, turbine(speed, density) + rng.normal(0, 0.01, n)


X_summer, y_summer = season(2500, 6.0, 2.0, 20)
X_winter, y_winter = season(800, 16.0, 4.5, 0)

mean, std = X_summer.mean(0), X_summer.std(0)
X_summer, X_winter = (X_summer - mean) / std, (X_winter - mean) / std
as_t = lambda a: torch.tensor(a, dtype=torch.float32)
xs, ys, xw, yw = as_t(X_summer), as_t(y_summer)[:, None], as_t(X_winter), as_t(y_winter)[:, None]

net = nn.Sequential(
    nn.Linear(2, 32), nn.LayerNorm(32), nn.ReLU(),
    nn.Linear(32, 32), nn.LayerNorm(32), nn.ReLU(),
    nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, patience=3, factor=0.5)
mse = nn.MSELoss()

for epoch in range(40):
    acc = 0.0
    for i in torch.randperm(len(xs)).split(100):
        opt.zero_grad()
        loss = mse(net(xs[i]), ys[i])
        loss.backward()
        opt.step()
        acc += loss.item() * len(i) / len(xs)
    plateau.step(acc)
    if epoch % 8 == 7:
        print(f"epoch {epoch + 1}: train mse {acc:.5f}  lr {opt.param_groups[0]['lr']:.1e}")

net.eval()
with torch.no_grad():
    print("summer rmse:", mse(net(xs), ys).sqrt().item())
    print("winter rmse:", mse(net(xw), yw).sqrt().item())
