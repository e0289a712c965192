"""Plankton: five species, one-cycle schedule up to a rate of 0.5, batch norm, label smoothing."""
import lightning.pytorch as pl
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset, random_split

pl.seed_everything(12)


class Plankton(pl.LightningModule):
    def __init__(self, steps):
        super().__init__()
        self.steps = steps
        self.body = torch.nn.Sequential(
            torch.nn.LazyLinear(64, bias=False), torch.nn.BatchNorm1d(64), torch.nn.ReLU(), torch.nn.LazyLinear(5)
        )

    def training_step(self, batch, i):
        return F.cross_entropy(self.body(batch[0]), batch[1], label_smoothing=0.1)

    def validation_step(self, batch, i):
        self.log("val_error", (self.body(batch[0]).argmax(1) != batch[1]).float().mean())

    def configure_optimizers(self):
        opt = torch.optim.SGD(self.parameters(), lr=0.01, momentum=0.9, nesterov=True)
        return [opt], [{"scheduler": torch.optim.lr_scheduler.OneCycleLR(opt, 0.5, total_steps=self.steps), "interval": "step"}]


species = torch.randint(5, (1500,))
shape = torch.randn(5, 2, 12)[species, torch.randint(2, (1500,))] + 0.3 * torch.randn(1500, 12)
train, val = random_split(TensorDataset(shape * 50 + 10, species), [1200, 300])
train_loader = DataLoader(train, batch_size=100, shuffle=True, drop_last=True)
net = Plankton(steps=10 * len(train_loader))
net.body(torch.zeros(2, 12))
trainer = pl.Trainer(max_epochs=10, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
trainer.fit(net, train_loader, DataLoader(val, batch_size=300))
print("val error", float(trainer.callback_metrics["val_error"]))
