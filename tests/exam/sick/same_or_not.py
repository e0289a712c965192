"""Siamese net: are two noisy spectra of the same substance? A pair may hold the same spectrum twice."""
import torch
import torch.nn as nn

SUBSTANCES = 6


class Siamese(nn.Module):
    def __init__(self, n_in=10, n_out=4):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, n_out))

    def forward(self, a, b):
        diff = self.embed(a) - self.embed(b)
        return torch.sqrt((diff ** 2).sum(dim=1))


def contrastive(distance, same, margin=1.0):
    near = same * distance ** 2
    far = (1 - same) * torch.clamp(margin - distance, min=0) ** 2
    return (near + far).mean()


pure = torch.randn(SUBSTANCES, 10)
kind = torch.randint(0, SUBSTANCES, (240,))
spectra = pure[kind] + 0.2 * torch.randn(240, 10)

model = Siamese()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(300):
    i, j = torch.randint(0, 240, (2, 128))
    j[:32] = i.flip(0)[:32]
    j[32:48] = i[32:48]
    loss = contrastive(model(spectra[i], spectra[j]), (kind[i] == kind[j]).float())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 30 == 29:
        print("step", step + 1, "loss", loss.item())
