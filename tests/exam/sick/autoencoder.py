"""Autoencoder for 16 correlated sensor channels (3 hidden causes). Reconstruction
error hardly gets below the variance of the data (which is 1)."""
from dataclasses import dataclass
import numpy as np
import torch
from torch import nn


@dataclass
class Config:
    channels: int = 16
    code: int = 4
    hidden: int = 40
    lr: float = 4e-3
    weight_decay: float = 0.08
    epochs: int = 60
    batch: int = 64


def sensors(n, rng):
    cause = rng.normal(size=(n, 3))
    mix = rng.normal(size=(3, 16))
    raw = 40 + 12 * np.sin(0.5 * cause @ mix) + 9 * (cause @ mix)
    raw += rng.normal(size=raw.shape) * 0.5
    return (raw - raw.mean(0)) / raw.std(0)


class AE(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(c.channels, c.hidden), nn.ReLU(), nn.Linear(c.hidden, c.code))
        self.decoder = nn.Sequential(nn.Linear(c.code, c.hidden), nn.ReLU(), nn.Linear(c.hidden, c.channels), nn.Sigmoid())

    def forward(self, x):
        return self.decoder(self.encoder(x))


def main(c=Config()):
    rng = np.random.default_rng(8)
    torch.manual_seed(8)
    data = torch.tensor(sensors(800, rng), dtype=torch.float32)
    train, held = data[:640], data[640:]
    model = AE(c)
    opt = torch.optim.Adam(model.parameters(), lr=c.lr, weight_decay=c.weight_decay)
    for ep in range(c.epochs):
        for batch in train[torch.randperm(len(train))].split(c.batch):
            loss = nn.functional.mse_loss(model(batch), batch)
            opt.zero_grad()
            loss.backward()
            opt.step()
        if ep % 15 == 0:
            print(f"epoch {ep}: {loss.item():.4f}")
    with torch.no_grad():
        err = nn.functional.mse_loss(model(held), held).item()
    print(f"held-out mse (standardised) = {err:.4f}")


main()
