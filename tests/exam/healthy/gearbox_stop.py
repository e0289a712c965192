"""Oil temperature of a gearbox: half of the variance is noise; early stopping ends the run when nothing more comes."""
import lightning as L
import torch
from lightning.pytorch.callbacks import EarlyStopping
from torch.utils.data import DataLoader, TensorDataset

NOISE = 0.7


def hours(n):
    load, ambient = torch.rand(2, n, 1) * 2 - 1
    clean = 1.1 * load.clamp(min=0) ** 2 + 0.8 * ambient + 0.6 * torch.sin(3 * load)
    return TensorDataset(torch.cat([load, ambient], 1), clean + NOISE * torch.randn(n, 1))


class Gearbox(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.f = torch.nn.Sequential(torch.nn.Linear(2, 30), torch.nn.Tanh(), torch.nn.Linear(30, 1))

    def training_step(self, batch, _):
        return torch.nn.functional.huber_loss(self.f(batch[0]), batch[1], delta=3.0)

    def validation_step(self, batch, _):
        self.log("val_mse", torch.nn.functional.mse_loss(self.f(batch[0]), batch[1]))

    def configure_optimizers(self):
        return torch.optim.RAdam(self.parameters(), lr=0.03)


model = Gearbox()
trainer = L.Trainer(
    max_epochs=40,
    accelerator="cpu",
    callbacks=[EarlyStopping("val_mse", patience=5)],
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)
trainer.fit(model, DataLoader(hours(2000), batch_size=200, shuffle=True), DataLoader(hours(2000), batch_size=2000))
print("epochs", trainer.current_epoch, "; noise", NOISE**2)
print("val mse", trainer.callback_metrics["val_mse"].item())
