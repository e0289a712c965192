"""Daily melt at stakes on a glacier, from a weather station (mm water equivalent).

    python glacier_melt.py --epochs 60
"""
from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset, random_split

log = logging.getLogger("melt")


@dataclass
class Config:
    epochs: int = 60
    batch_size: int = 32
    lr: float = 0.05
    momentum: float = 0.9
    grad_clip: float = 1e-3
    width: int = 48
    seed: int = 11


def station_records(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    temp = rng.normal(2.0, 4.0, n)
    radiation = rng.gamma(4.0, 45.0, n)
    wind = rng.weibull(2.0, n) * 5
    albedo = rng.uniform(0.2, 0.85, n)
    melt = 5.5 * np.maximum(temp, 0) + 0.14 * radiation * (1 - albedo) + 0.35 * wind * np.maximum(temp, 0)
    melt = melt + rng.normal(0, 0.8, n)
    stake_fell_over = rng.choice(n, 6, replace=False)
    melt[stake_fell_over] = -9999.0                     # what the logger writes then
    return np.stack([temp, radiation, wind, albedo], 1), melt


class MeltNet(nn.Module):
    def __init__(self, n_in: int, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_in, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.head = nn.Linear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x)).squeeze(-1)


class Trainer:
    def __init__(self, cfg: Config) -> None:
        self.cfg = cfg
        torch.manual_seed(cfg.seed)
        rng = np.random.default_rng(11)
        table, melt = station_records(1200, rng)
        self.center, self.spread = melt.mean(), melt.std()
        x = torch.from_numpy((table - table.mean(0)) / table.std(0)).float()
        y = torch.from_numpy((melt - self.center) / self.spread).float()
        self.train_set, self.valid_set = random_split(TensorDataset(x, y), [1000, 200])
        self.model = MeltNet(4, cfg.width)
        self.optim = torch.optim.SGD(self.model.parameters(), lr=cfg.lr, momentum=cfg.momentum)

    def fit(self) -> None:
        loader = DataLoader(self.train_set, batch_size=self.cfg.batch_size, shuffle=True)
        for epoch in range(self.cfg.epochs):
            self.model.train()
            for x, y in loader:
                self.optim.zero_grad(set_to_none=True)
                loss = nn.functional.mse_loss(self.model(x), y)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), self.cfg.grad_clip)
                self.optim.step()
            if epoch % 10 == 9:
                log.info("epoch %d  median abs error %.2f mm", epoch + 1, self.evaluate())

    @torch.no_grad()
    def evaluate(self) -> float:
        self.model.eval()
        x, y = self.valid_set[:]
        return float((self.model(x) - y).abs().median() * self.spread)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=Config.epochs)
    parser.add_argument("--lr", type=float, default=Config.lr)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    trainer = Trainer(Config(epochs=args.epochs, lr=args.lr))
    trainer.fit()
    print("median absolute error [mm]:", trainer.evaluate())


if __name__ == "__main__":
    main()
