"""
Physics-informed network: a cup of coffee cools by Newton's law, du/dt = -k (u - room).
Twelve thermometer readings in kelvin, the equation is enforced at 64 collocation points,
and k is learnt along with the weights.
"""
import numpy as np
import torch
import torch.nn as nn

ROOM, START, K = 293.0, 363.0, 0.9
rng = np.random.default_rng(0)


def true_temperature(t):
    return ROOM + (START - ROOM) * np.exp(-K * t)


t_read = np.sort(rng.uniform(0, 4, 12))           # tens of minutes
u_read = true_temperature(t_read) + rng.normal(0, 0.2, 12)
t_read = torch.tensor(t_read, dtype=torch.float32).view(-1, 1)
u_read = torch.tensor(u_read, dtype=torch.float32).view(-1, 1)
t_col = torch.linspace(0, 4, 64).view(-1, 1).requires_grad_(True)


class Cup(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
        self.k = nn.Parameter(torch.tensor(0.5))

    def forward(self, t):
        return self.net(t)


cup = Cup()
optimizer = torch.optim.Adam(cup.parameters(), lr=2e-3)
mse = nn.MSELoss()

for it in range(1500):
    # 1. the data
    loss_data = mse(cup(t_read), u_read)
    loss_data.backward()

    # 2. the physics
    optimizer.zero_grad()
    u = cup(t_col)
    du, = torch.autograd.grad(u, t_col, torch.ones_like(u), create_graph=True)
    loss_phys = mse(du, -cup.k * (u - ROOM))
    loss_phys.backward()
    optimizer.step()
    if it % 250 == 249:
        print(f"{it + 1:5d}: data {loss_data.item():.4g}, physics {loss_phys.item():.4g}, k = {cup.k.item():.3f}")

t = torch.linspace(0, 4, 200).view(-1, 1)
with torch.no_grad():
    error = cup(t).squeeze().numpy() - true_temperature(t.squeeze().numpy())
print("rms error in kelvin:", float(np.sqrt(np.mean(error**2))))
