# Luftdruck-Vorhersage fuer meine Wetterstation (Stundenwerte, synthetisch nachgebaut)
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

rng = np.random.default_rng()
std_n = 2200
stunden = np.arange(std_n)
phase = np.cumsum(2 * np.pi / 40 + 0.01 * rng.normal(size=std_n))   # Tiefs ziehen etwa alle 40 h durch
druck = 1013 + 9 * np.sin(phase) + 0.5 * rng.normal(size=std_n)

FENSTER, VORAUS = 24, 10
norm = (druck - druck.mean()) / druck.std()     # fuer die Eingabe
X, Y = [], []
for i in range(std_n - FENSTER - VORAUS):
    X.append(norm[i:i + FENSTER])
    Y.append(druck[i + FENSTER + VORAUS - 1])
X = torch.tensor(np.array(X), dtype=torch.float32).unsqueeze(-1)
Y = torch.tensor(np.array(Y), dtype=torch.float32).unsqueeze(-1)
print("X", X.shape, "Y", Y.shape)


class DruckNetz(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=hidden)
        self.kopf = nn.Linear(hidden, 1)

    def forward(self, x):
        h, _ = self.lstm(x)
        return self.kopf(h[:, -1])      # letzter Zeitschritt


netz = DruckNetz()
lader = DataLoader(TensorDataset(X, Y), batch_size=64, shuffle=True)
optimierer = torch.optim.Adam(netz.parameters(), lr=0.005)
kriterium = nn.MSELoss()

for epoche in range(10):
    summe = 0.0
    for xb, yb in lader:
        optimierer.zero_grad()
        verlust = kriterium(netz(xb), yb)
        verlust.backward()
        nn.utils.clip_grad_norm_(netz.parameters(), 1.0)
        optimierer.step()
        summe += verlust.item() * len(xb)
    print(f"Epoche {epoche}: {summe / len(X):.3f}")

print("Fehler relativ zur Varianz:", summe / len(X) / Y.var().item())
