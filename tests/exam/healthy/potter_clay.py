"""Water in clay from near-infrared spectra: two optimisers by hand, SGD at 0.5 for the mixing, Adam for the rest."""
import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

GRID = torch.linspace(0, 1, 40)


def spectra(n):
    water, organic = torch.rand(n, 1), torch.rand(n, 1)
    bands = torch.exp(-((GRID - 0.3) ** 2) / 0.01) * (1 - torch.exp(-water)) + torch.exp(-((GRID - 0.6) ** 2) / 0.05) * organic
    return TensorDataset(bands + 0.02 * torch.randn(n, 40), water)


class Clay(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.automatic_optimization = False
        self.mix = nn.Linear(40, 6)
        self.read = nn.Sequential(nn.Softplus(), nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, s):
        return self.read(self.mix(s))

    def training_step(self, batch, batch_idx):
        slow, fast = self.optimizers()
        loss = ((self(batch[0]) - batch[1]) ** 2).mean()
        slow.zero_grad()
        fast.zero_grad()
        self.manual_backward(loss)
        fast.step()
        slow.step()
        return loss

    def test_step(self, batch, batch_idx):
        self.log("rmse", ((self(batch[0]) - batch[1]) ** 2).mean().sqrt())

    def configure_optimizers(self):
        return [torch.optim.SGD(self.mix.parameters(), lr=0.5, momentum=0.9), torch.optim.Adam(self.read.parameters(), lr=0.01)]


clay = Clay()
trainer = L.Trainer(max_epochs=20, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
trainer.fit(clay, DataLoader(spectra(1200), batch_size=100, shuffle=True))
print("RMSE of the mean: 0.289")
print("RMSE", trainer.test(clay, DataLoader(spectra(1000), batch_size=1000), verbose=False)[0]["rmse"])
