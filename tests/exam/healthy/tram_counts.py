"""Passengers who board a tram: counts, Poisson loss, gradients of four batches added up and clipped."""
import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def rides(n):
    x = torch.rand(n, 3) * 2 - 1
    rate = torch.exp(1.2 + torch.sin(2.5 * x[:, 0]) + 0.7 * x[:, 1] * x[:, 2])
    return x, torch.poisson(rate), rate


class Tram(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1), nn.Flatten(0))
        self.loss = nn.PoissonNLLLoss()

    def training_step(self, batch, batch_idx):
        return self.loss(self.net(batch[0]), batch[1])

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.02)


x, y, _ = rides(1600)
model = Tram()
trainer = L.Trainer(max_epochs=12, accelerator="cpu", accumulate_grad_batches=4, gradient_clip_val=0.5, logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
trainer.fit(model, DataLoader(TensorDataset(x, y), batch_size=25, shuffle=True))
x_new, y_new, rate = rides(5000)
with torch.no_grad():
    print("loss of the true rates", model.loss(rate.log(), y_new).item())
    print("loss", model.loss(model.net(x_new), y_new).item())
