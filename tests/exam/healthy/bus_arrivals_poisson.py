"""Passengers per stop and quarter of an hour: counts, so a Poisson loss on the log of the rate."""
import math

import torch
import torch.nn as nn

N_STOPS = 12


class Ridership(nn.Module):
    def __init__(self, n_stops, dim=6):
        super().__init__()
        self.stop = nn.Embedding(n_stops, dim)
        self.net = nn.ModuleDict({
            "inner": nn.Linear(dim + 2, 32),
            "outer": nn.Linear(32, 1),
        })

    def forward(self, stop, hour):
        phase = hour * (2 * math.pi / 24)
        h = torch.cat([self.stop(stop), phase.sin()[:, None], phase.cos()[:, None]], dim=1)
        return self.net["outer"](torch.nn.functional.gelu(self.net["inner"](h)))[:, 0]


popularity = torch.rand(N_STOPS) * 1.5
stop = torch.randint(0, N_STOPS, (4000,))
hour = torch.rand(4000) * 24
true_log_rate = popularity[stop] + 0.9 * torch.cos((hour - 8) * 2 * math.pi / 24)
count = torch.poisson(true_log_rate.exp())

criterion = nn.PoissonNLLLoss(log_input=True)
model = Ridership(N_STOPS)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(25):
    total = 0.0
    for rows in torch.randperm(4000).split(100):
        loss = criterion(model(stop[rows], hour[rows]), count[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() / 40
    if epoch % 4 == 0:
        print("epoch", epoch, "nll", total)

print("error of the log rate", (model(stop, hour) - true_log_rate).square().mean().item())
print("nll of the true rates", criterion(true_log_rate, count).item())
print("final nll", criterion(model(stop, hour), count).item())
