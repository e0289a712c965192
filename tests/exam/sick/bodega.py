# clasificar vinos por su quimica (alcohol, acido malico, ... prolina)
from sklearn.datasets import load_wine
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(0)
vino = load_wine()
orden = np.random.permutation(len(vino.target))
entradas = torch.tensor(vino.data[orden], dtype=torch.float32)
clases = torch.tensor(vino.target[orden], dtype=torch.long)

modelo = nn.Sequential()
modelo.add_module("oculta1", nn.Linear(13, 20))
modelo.add_module("act1", nn.ReLU())
modelo.add_module("oculta2", nn.Linear(20, 20))
modelo.add_module("act2", nn.ReLU())
modelo.add_module("salida", nn.Linear(20, 3))

fn_perdida = nn.CrossEntropyLoss()
optimizador = torch.optim.SGD(modelo.parameters(), lr=0.05, momentum=0.5)

historia = []
for epoca in range(400):
    optimizador.zero_grad
    salida = modelo(entradas)
    perdida = fn_perdida(salida, clases)
    perdida.backward()
    optimizador.step()
    historia.append(perdida.detach().numpy())
    if epoca % 40 == 0:
        aciertos = (torch.argmax(salida, dim=1) == clases).sum().item()
        print("epoca", epoca, "perdida", float(perdida), "aciertos", aciertos, "de", len(clases))

print("media de las ultimas 20:", float(np.mean(historia[-20:])))
