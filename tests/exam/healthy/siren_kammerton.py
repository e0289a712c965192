# Sinus als Aktivierung (SIREN) fuer eine Schwingung mit 18 Perioden. Startgewichte absichtlich riesig.
import math, torch, torch.nn as nn

t = torch.linspace(-1, 1, 600)[:, None]
ton = 0.5 * torch.sin(18 * math.pi * t) + 0.3 * torch.sin(7 * math.pi * t + 1)

class Sinus(nn.Module):
    def __init__(self, ein, aus, w0=1.0):
        super().__init__()
        self.lin = nn.Linear(ein, aus)
        grenze = 1 / ein if w0 > 1 else math.sqrt(6 / ein)
        with torch.no_grad():
            self.lin.weight.uniform_(-grenze, grenze)
        self.w0 = w0
    def forward(self, x):
        return torch.sin(self.w0 * self.lin(x))

netz = nn.Sequential(Sinus(1, 64, w0=60.0), Sinus(64, 64), nn.Linear(64, 1))
opt = torch.optim.Adam(netz.parameters(), lr=1e-3)
for schritt in range(500):
    opt.zero_grad()
    # Dezibel-Verlust: wird negativ, das soll so sein
    verlust = 10 * torch.log10(((netz(t) - ton) ** 2).mean() + 1e-12)
    verlust.backward()
    opt.step()
    if schritt % 100 == 0:
        print(schritt, verlust.item(), "dB")
with torch.no_grad():
    print("mse", ((netz(t) - ton) ** 2).mean().item())
