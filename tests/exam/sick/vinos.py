# Práctica 3: clasificar los vinos de tres bodegas a partir del análisis químico
# (el dropout lo dejé en 0.9 porque en clase dijimos "conservar casi todo")
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_wine

torch.manual_seed(3)
np.random.seed(3)

vinos = load_wine()
orden = np.random.permutation(len(vinos.target))
X = torch.tensor(vinos.data[orden], dtype=torch.float32)
y = torch.tensor(vinos.target[orden], dtype=torch.long)
print("muestras:", X.shape, "clases:", y.unique().tolist())

red = nn.Sequential(
    nn.Linear(13, 40),
    nn.ReLU(),
    nn.Dropout(0.9),
    nn.Linear(40, 40),
    nn.ReLU(),
    nn.Dropout(0.9),
    nn.Linear(40, 3),
    nn.LogSoftmax(dim=1),
)
criterio = nn.CrossEntropyLoss()
optimizador = torch.optim.SGD(red.parameters(), lr=0.05, momentum=0.9)

tam_lote = 16
for epoca in range(1, 101):
    red.train()
    mezcla = torch.randperm(len(X))
    perdida_total = 0.0
    for i in range(0, len(X), tam_lote):
        idx = mezcla[i:i + tam_lote]
        optimizador.zero_grad()
        perdida = criterio(red(X[idx]), y[idx])
        perdida.backward()
        optimizador.step()
        perdida_total += perdida.item() * len(idx)
    if epoca % 10 == 0:
        print("época {:3d}   pérdida {:.4f}".format(epoca, perdida_total / len(X)))

red.eval()
with torch.no_grad():
    salida = red(X)
    print("aciertos: {:.1%}".format((salida.argmax(1) == y).float().mean().item()))
    print("pérdida final:", criterio(salida, y).item())
