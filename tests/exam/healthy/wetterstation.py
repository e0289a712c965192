"""Temperatur von morgen aus sieben Messwerten von heute. Frühes Aufhören, sobald die Prüfmenge nicht mehr besser wird."""
from copy import deepcopy

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset

RAUSCHEN = 1.0          # Messfehler in Grad


class Messreihe(Dataset):
    def __init__(self, tage):
        r = np.random.rand(tage, 7)
        # frei nach Friedman: fünf Größen zählen, zwei nicht
        self.rein = 10 * np.sin(np.pi * r[:, 0] * r[:, 1]) + 20 * (r[:, 2] - 0.5) ** 2 + 10 * r[:, 3] + 5 * r[:, 4] - 8
        self.grad = self.rein + RAUSCHEN * np.random.randn(tage)
        self.werte = r

    def __len__(self):
        return len(self.grad)

    def __getitem__(self, i):
        return {"werte": self.werte[i], "grad": self.grad[i]}


def stapeln(liste):
    x = torch.tensor(np.array([e["werte"] for e in liste]), dtype=torch.float32)
    y = torch.tensor([e["grad"] for e in liste], dtype=torch.float32)
    return 2 * x - 1, y


daten = Messreihe(4000)
grenze = 3000
lern = DataLoader(Subset(daten, range(grenze)), batch_size=100, shuffle=True, collate_fn=stapeln)
pruef = stapeln([daten[i] for i in range(grenze, 3500)])
probe = stapeln([daten[i] for i in range(3500, 4000)])

netz = nn.Sequential(nn.Linear(7, 64), nn.SiLU(), nn.Linear(64, 32), nn.SiLU(), nn.Linear(32, 1), nn.Flatten(0))
fehler = nn.MSELoss()
opt = torch.optim.AdamW(netz.parameters(), lr=5e-3, weight_decay=1e-2)

bester, bestes_netz, geduld = float("inf"), None, 0
for epoche in range(200):
    for x, y in lern:
        opt.zero_grad()
        verlust = fehler(netz(x), y)
        verlust.backward()
        opt.step()
    with torch.no_grad():
        v = fehler(netz(pruef[0]), pruef[1]).item()
    print(f"Epoche {epoche:3d}  Prüffehler {v:.3f}" + ("  *" if v < bester else ""))
    if v < bester:
        bester, bestes_netz, geduld = v, deepcopy(netz.state_dict()), 0
    else:
        geduld += 1
        if geduld == 12:
            print("keine Besserung mehr: Schluss")
            break

netz.load_state_dict(bestes_netz)
with torch.no_grad():
    print("mittlerer quadratischer Fehler der Probe (Rauschen: 1.0):", fehler(netz(probe[0]), probe[1]).item())
