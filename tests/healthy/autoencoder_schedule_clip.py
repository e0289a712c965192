import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import CosineAnnealingLR


class AutoEncoder(nn.Module):
    def __init__(self, n_features, n_code):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(n_features, 32), nn.ELU(), nn.Linear(32, n_code))
        self.decoder = nn.Sequential(nn.Linear(n_code, 32), nn.ELU(), nn.Linear(32, n_features))

    def forward(self, x):
        return self.decoder(self.encoder(x))


def make_spectra(n, n_features):
    """Curves made of three hidden numbers each."""
    grid = torch.linspace(0, 1, n_features)
    a, b, c = torch.randn(3, n, 1)
    return a * torch.sin(3 * grid) + b * torch.cos(5 * grid) + c * grid


EPOCHS = 120
spectra = make_spectra(600, 20)
model = AutoEncoder(20, 4)
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-4)
scheduler = CosineAnnealingLR(optimizer, T_max=EPOCHS)

for epoch in range(EPOCHS):
    losses = []
    for batch in spectra[torch.randperm(len(spectra))].split(60):
        loss = nn.functional.mse_loss(model(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    if epoch % 20 == 0:
        print(epoch, sum(losses) / len(losses), scheduler.get_last_lr())

print("final loss", sum(losses) / len(losses))
