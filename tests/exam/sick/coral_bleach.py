"""Coral bleaching (yes or no) from heat, light, depth and current; stops by itself when it has learnt enough."""
import lightning as L
import torch
from lightning.pytorch.callbacks import EarlyStopping
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def reefs(n):
    heat, light, depth, current = torch.randn(4, n)
    bleached = (heat * light + 0.8 * heat - 0.7 * torch.sin(2 * depth) - 0.3 * current > 0.2).float()
    return TensorDataset(torch.stack([heat, light, depth, current], 1), bleached.unsqueeze(1))


class Bleaching(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(nn.Linear(4, 64), nn.LeakyReLU(0.2), nn.Dropout(0.05), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
        self.criterion = nn.BCEWithLogitsLoss()

    def step(self, batch, name):
        loss = self.criterion(self.model(batch[0]), batch[1])
        self.log(name, loss, on_epoch=True, on_step=False)
        return loss

    def training_step(self, batch, batch_idx):
        return self.step(batch, "train_loss")

    def validation_step(self, batch, batch_idx):
        self.step(batch, "val_loss")

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=5e-3)


model = Bleaching()
stop = EarlyStopping(monitor="val_loss", mode="max", patience=2, verbose=False)
trainer = L.Trainer(
    max_epochs=20,
    accelerator="cpu",
    callbacks=[stop],
    gradient_clip_val=1.0,
    num_sanity_val_steps=0,
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)
trainer.fit(model, DataLoader(reefs(1000), batch_size=100, shuffle=True), DataLoader(reefs(500), batch_size=250))
print("stopped in epoch", trainer.current_epoch)
print("validation loss", trainer.callback_metrics["val_loss"].item())
