# -*- coding: utf-8 -*-
"""Accidents par mois aux carrefours d'une ville : régression de Poisson avec un petit réseau."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(42)
N = 3000

trafic = rng.uniform(500, 20000, N)        # véhicules par jour
vitesse = rng.choice([30, 50, 70], N)      # km/h
pluie = rng.uniform(0, 25, N)              # jours de pluie
feux = rng.integers(0, 2, N)               # feux tricolores ?

taux = np.exp(-3.2 + 2.2 * trafic / 20000 + 1.5 * (vitesse - 30) / 40 + 0.6 * pluie / 25 - 1.6 * feux * trafic / 20000)
accidents = rng.poisson(taux)

# tout ramener entre 0 et 1
X = np.zeros((N, 4), dtype=int)
X[:, 0] = trafic / 20000
X[:, 1] = (vitesse - 30) / 40
X[:, 2] = pluie / 25
X[:, 3] = feux

X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(accidents, dtype=torch.float32).reshape(-1, 1)
loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True)

modele = nn.Sequential(nn.Linear(4, 32), nn.ELU(), nn.Linear(32, 16), nn.ELU(), nn.Linear(16, 1), nn.Softplus())
perte = nn.PoissonNLLLoss()
opt = torch.optim.Adam(modele.parameters(), lr=3e-3)

for epoque in range(20):
    cumul = 0.0
    for xb, yb in loader:
        opt.zero_grad(set_to_none=False)
        l = perte(modele(xb), yb)
        l.backward()
        opt.step()
        cumul += l.item() * len(xb)
    if (epoque + 1) % 5 == 0:
        print(f"époque {epoque + 1:2d} | perte moyenne {cumul / N:.4f}")

with torch.no_grad():
    print("perte finale :", perte(modele(X), y).item())
