"""Next-day count of hares from two weeks of hares and lynxes (simulated, GRU)."""
from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Config:
    window: int = 14
    hidden: int = 24
    lr: float = 8e-3
    steps: int = 400
    batch: int = 64
    max_norm: float = 5.0


def simulate(days, dt=0.15):
    hares, lynxes = torch.tensor(1.5), torch.tensor(1.0)
    rows = []
    for _ in range(days):
        d_hares = hares * (1.0 - lynxes)
        d_lynxes = lynxes * (hares - 1.0)
        hares, lynxes = hares + dt * d_hares, lynxes + dt * (d_lynxes + dt * d_hares * lynxes)
        hares, lynxes = hares.clamp(0.1, 4), lynxes.clamp(0.1, 4)
        rows.append(torch.stack([hares, lynxes]))
    return torch.stack(rows)


class Forecaster(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.rnn = nn.GRU(2, cfg.hidden, batch_first=True)
        self.readout = nn.Linear(cfg.hidden, 1)

    def forward(self, seq):
        _, h = self.rnn(seq)
        return self.readout(h[-1]).squeeze(-1)


def main(cfg=Config()):
    series = simulate(600)
    series = (series - series.mean(0)) / series.std(0)
    x = series.unfold(0, cfg.window, 1)[:-1].transpose(1, 2)
    y = series[cfg.window:, 0]
    model = Forecaster(cfg)
    opt = torch.optim.RMSprop(model.parameters(), lr=cfg.lr / 4)
    for step in range(cfg.steps):
        pick = torch.randint(0, len(x), (cfg.batch,))
        loss = nn.functional.mse_loss(model(x[pick]), y[pick])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), cfg.max_norm)
        opt.step()
        if step % 50 == 0:
            print(f"step {step} loss {loss.item():.5f}")
    with torch.no_grad():
        print("final loss", nn.functional.mse_loss(model(x), y).item())


main()
