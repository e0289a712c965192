"""Digits: first an autoencoder, then a classifier on top of its encoder with a fresh, gentler optimizer."""
import torch
from sklearn.datasets import load_digits
from torch import nn

digits = load_digits()
pixels = torch.tensor(digits.data, dtype=torch.float32) / 16
classes = torch.tensor(digits.target)

encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 16))
decoder = nn.Sequential(nn.Linear(16, 48), nn.ReLU(), nn.Linear(48, 64))


def epochs(n, modules, lr, loss_of):
    optimizer = torch.optim.Adam([p for m in modules for p in m.parameters()], lr=lr)
    for epoch in range(n):
        total, count = 0.0, 0
        for rows in torch.randperm(len(pixels)).split(64):
            optimizer.zero_grad()
            loss = loss_of(rows)
            loss.backward()
            optimizer.step()
            total, count = total + loss.item() * len(rows), count + len(rows)
        print(f"  epoch {epoch}: {total / count:.4f}")


print("reconstruction")
epochs(8, [encoder, decoder], 3e-3,
       lambda rows: nn.functional.mse_loss(decoder(encoder(pixels[rows])), pixels[rows]))

head = nn.Sequential(nn.ReLU(), nn.Linear(16, 10))
print("classification")
epochs(16, [encoder, head], 5e-3,
       lambda rows: nn.functional.cross_entropy(head(encoder(pixels[rows])), classes[rows]))
