"""Ten cloud types from 16 channels of a satellite."""
import torch
import torch.nn.functional as F
import lightning as L
from torch.utils.data import DataLoader, TensorDataset, random_split

TYPES, CHANNELS = 10, 16


def scenes(n=1500):
    kind = torch.randint(TYPES, (n,))
    base = torch.randn(TYPES, 3, CHANNELS)
    weather = torch.randint(3, (n,))
    return TensorDataset(base[kind, weather] + 0.4 * torch.randn(n, CHANNELS), kind)


class CloudNet(L.LightningModule):
    def __init__(self, width=64):
        super().__init__()
        self.fc1 = torch.nn.Linear(CHANNELS, width)
        self.bn1 = torch.nn.BatchNorm1d(width)
        self.fc2 = torch.nn.Linear(width, width)
        self.out = torch.nn.Linear(width, TYPES)

    def forward(self, x):
        x = F.relu(self.bn1(self.fc1(x)))
        x = F.relu(self.fc2(x))
        return F.softmax(self.out(x), dim=1)

    def training_step(self, batch, i):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, i):
        x, y = batch
        p = self(x)
        self.log("val_loss", F.cross_entropy(p, y), prog_bar=True)
        self.log("val_error", (p.argmax(1) != y).float().mean(), prog_bar=True)

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.9)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
        return [optimizer], [{"scheduler": scheduler, "interval": "step"}]


train, val = random_split(scenes(), [1200, 300])
net = CloudNet()
trainer = L.Trainer(max_epochs=9, accelerator="cpu", logger=False, enable_checkpointing=False, enable_model_summary=False, enable_progress_bar=False)
trainer.fit(net, DataLoader(train, batch_size=100, shuffle=True), DataLoader(val, batch_size=300))
print("val loss", trainer.callback_metrics["val_loss"].item())
print("val error", trainer.callback_metrics["val_error"].item())
