"""Viscosity of a polymer melt; DataModule and module as in the template of our group."""
import warnings

import lightning.pytorch as pl
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

warnings.filterwarnings("ignore")
pl.seed_everything(3)


class Melts(Dataset):
    def __init__(self, n):
        temp = np.random.uniform(-1, 1, n)
        shear = np.random.uniform(-1, 1, n)
        chain = np.random.uniform(-1, 1, n)
        visc = np.sin(2 * chain) - 0.8 * temp * shear - 0.5 * shear**2 + 0.03 * np.random.randn(n)
        self.inputs = torch.tensor(np.stack([temp, shear, chain], axis=1), dtype=torch.float32)
        self.targets = torch.tensor((visc - visc.mean()) / visc.std(), dtype=torch.float32)

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, i):
        return self.inputs[i], self.targets[i]


class MeltData(pl.LightningDataModule):
    def setup(self, stage=None):
        self.train, self.held_out = Melts(800), Melts(300)

    def train_dataloader(self):
        return DataLoader(self.train, batch_size=80, shuffle=True, num_workers=0)

    def test_dataloader(self):
        return DataLoader(self.held_out, batch_size=300)


class Viscosity(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
        self.loss = nn.SmoothL1Loss()

    def training_step(self, batch, _):
        x, y = batch
        return self.loss(self.net(x), y)

    def test_step(self, batch, _):
        x, y = batch
        self.log("mse", ((self.net(x)[:, 0] - y) ** 2).mean())

    def configure_optimizers(self):
        opt = torch.optim.Adam(self.parameters(), lr=1e-2)
        return {"optimizer": opt, "lr_scheduler": torch.optim.lr_scheduler.ExponentialLR(opt, 0.95)}


data, model = MeltData(), Viscosity()
trainer = pl.Trainer(max_epochs=12, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
trainer.fit(model, datamodule=data)
result = trainer.test(model, datamodule=data, verbose=False)
print("test mse", result[0]["mse"])
