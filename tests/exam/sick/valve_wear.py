"""Wear of a valve (0 new, 1 worn) from its vibration. LightningModule with a backbone and a head."""
import lightning as L
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


class Backbone(nn.Module):
    def __init__(self, n_in=10, n_out=3):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_in, 40), nn.ReLU(), nn.Linear(40, n_out), nn.ReLU())

    def forward(self, x):
        return self.layers(x)


class WearModel(L.LightningModule):
    def __init__(self, lr=1e-2):
        super().__init__()
        self.save_hyperparameters()
        self.backbone = Backbone()
        self.head = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
        self.history = []

    def forward(self, x):
        return self.head(self.backbone(x))

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.mse_loss(self(x), y)
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        self.log("val_loss", F.mse_loss(self(x), y))

    def on_validation_epoch_end(self):
        self.history.append(float(self.trainer.callback_metrics["val_loss"]))

    def configure_optimizers(self):
        return torch.optim.AdamW(self.head.parameters(), lr=self.hparams.lr, weight_decay=1e-3)


def vibration(n):
    x = torch.randn(n, 10)
    wear = torch.sigmoid(2 * x[:, :1] * x[:, 1:2] + 1.5 * x[:, 2:3] - x[:, 3:4].abs())
    return TensorDataset(x, (wear - 0.4) / 0.3)


if __name__ == "__main__":
    train, val = vibration(1000), vibration(400)
    model = WearModel()
    trainer = L.Trainer(max_epochs=16, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
    trainer.fit(model, DataLoader(train, 100, shuffle=True), DataLoader(val, 400))
    print("validation loss:", [round(v, 4) for v in model.history[::6]])
    print("final", model.history[-1])
