# Handball-Bundesliga: gewinnt das Heimteam? (Daten simuliert, aber realistisch)
import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

np.random.seed(7)
N = 4000
staerke_heim = np.random.normal(28, 3, N)       # Tore pro Spiel
staerke_gast = np.random.normal(28, 3, N)
ruhetage = np.random.randint(2, 9, N)
zuschauer = np.random.lognormal(8, 0.4, N)
vorteil = 0.7 * (staerke_heim - staerke_gast) + 0.25 * (ruhetage - 5) + zuschauer / 3000
heimsieg = (vorteil + np.random.logistic(0, 0.7, N) > 1).astype(np.float32)

daten = np.column_stack([staerke_heim, staerke_gast, ruhetage, zuschauer])
X_train, X_test = train_test_split(daten, test_size=0.25)
y_train, y_test = train_test_split(heimsieg, test_size=0.25)

skal = StandardScaler()
X_train = torch.from_numpy(skal.fit_transform(X_train)).float()
X_test = torch.from_numpy(skal.transform(X_test)).float()
y_train = torch.from_numpy(y_train).view(-1, 1)
y_test = torch.from_numpy(y_test).view(-1, 1)

modell = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Dropout(0.1), nn.Linear(12, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
opt = torch.optim.Adam(modell.parameters(), lr=0.01)

for epoche in range(30):
    modell.train()
    for start in range(0, len(X_train), 128):
        xb, yb = X_train[start:start + 128], y_train[start:start + 128]
        p = modell(xb)
        loss = loss_fn(p, yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoche % 5 == 0:
        modell.eval()
        with torch.no_grad():
            treffer = ((modell(X_test) > 0.5) == (y_test > 0.5)).float().mean().item()
        print(f"Epoche {epoche:2d}  loss {loss.item():.3f}  Trefferquote {treffer:.3f}")

modell.eval()
with torch.no_grad():
    print("train loss", loss_fn(modell(X_train), y_train).item())
