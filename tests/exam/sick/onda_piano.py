# Hola a todos! quiero que una red aprenda de memoria un sonido (nota la grave de piano)
# entrada: tiempo, salida: amplitud. La perdida baja un poquito y ahi se queda :(
import math
import torch
import torch.nn as nn

sr = 2000
t = torch.arange(0, 1, 1 / sr).unsqueeze(1)
f0 = 55.0
armonicos = [1.0, 0.6, 0.4, 0.15]

onda = torch.zeros_like(t)
for k, a in enumerate(armonicos):
    onda += a * torch.sin(2 * math.pi * f0 * (k + 1) * t + 0.3 * k)
onda = onda * torch.exp(-1.2 * t)          # la cuerda se apaga
onda = onda / onda.std()
print("muestras:", onda.shape[0], " rango:", onda.min().item(), onda.max().item())

x = 2 * t - 1      # centrado entre -1 y 1

red = nn.Sequential(
    nn.Linear(x.shape[1], 64), nn.Tanh(),
    nn.Linear(64, 64), nn.Tanh(),
    nn.Linear(64, 64), nn.Tanh(),
    nn.Linear(64, 1),
)
opt = torch.optim.Adam(red.parameters(), lr=2e-3)

for paso in range(900):
    i = torch.randint(0, len(x), (256,))
    y_hat = red(x[i])
    perdida = ((y_hat - onda[i]) ** 2).mean()
    red.zero_grad()
    perdida.backward()
    opt.step()
    if paso % 200 == 0:
        print(f"paso {paso:5d}   perdida {perdida.item():.4f}")

with torch.no_grad():
    print("final:", ((red(x) - onda) ** 2).mean().item())
