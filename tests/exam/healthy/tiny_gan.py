"""A generator learns a skewed one-dimensional distribution against a critic (alternating updates)."""
import torch
from torch import nn, optim

torch.manual_seed(5)


def real(n):
    return 0.7 * torch.randn(n, 1).exp().clamp(max=4) - 2


def mlp(i, o, h=32):
    return nn.Sequential(nn.Linear(i, h), nn.LeakyReLU(0.2), nn.Linear(h, h), nn.LeakyReLU(0.2), nn.Linear(h, o))


def wasserstein(a, b):
    return (a.flatten().sort().values - b.flatten().sort().values).abs().mean()


generator, critic = mlp(2, 1), mlp(1, 1)
opt_g = optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.9))
opt_c = optim.Adam(critic.parameters(), lr=2e-3, betas=(0.5, 0.9))
bce = nn.BCEWithLogitsLoss()
ones, zeros = torch.ones(64, 1), torch.zeros(64, 1)

for step in range(1000):
    fake = generator(torch.randn(64, 2))
    loss_c = bce(critic(real(64)), ones) + bce(critic(fake.detach()), zeros)
    opt_c.zero_grad()
    loss_c.backward()
    opt_c.step()

    loss_g = bce(critic(fake), ones)
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()

    if step % 100 == 99:
        with torch.no_grad():
            apart = wasserstein(generator(torch.randn(2000, 2)), real(2000)).item()
        print(f"{step + 1}: critic {loss_c.item():.3f} generator {loss_g.item():.3f} distance {apart:.3f}")
