"""Velocity of a glacier along its line: 120 stations, one batch, LBFGS with a line search inside Lightning."""
import lightning.pytorch as pl
import torch
from torch.utils.data import DataLoader, TensorDataset


class Glacier(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Linear(1, 12)
        self.b = torch.nn.Linear(12, 1)

    def forward(self, km):
        return self.b(torch.tanh(self.a(km)))

    def training_step(self, batch, batch_idx):
        km, speed = batch
        loss = torch.sum((self(km) - speed) ** 2)
        self.log("sum_of_squares", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.LBFGS(self.parameters(), lr=1.0, max_iter=20, line_search_fn="strong_wolfe")


def truth(km):
    return 1.5 * torch.exp(-((km - 0.4) ** 2) / 0.4) - 0.6 * km


km = torch.rand(120, 1) * 4 - 2
speed = truth(km) + 0.05 * torch.randn(120, 1)
model = Glacier()
trainer = pl.Trainer(max_epochs=15, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, log_every_n_steps=1)
trainer.fit(model, DataLoader(TensorDataset(km, speed), batch_size=120))
fresh = torch.linspace(-2, 2, 500)[:, None]
with torch.no_grad():
    observed = truth(fresh) + 0.05 * torch.randn(500, 1)
    print("noise 0.05; RMSE on fresh stations", (model(fresh) - observed).pow(2).mean().sqrt().item())
