"""Inverse kinematics of a rover's arm; manual optimisation, because two parts get different rates."""
import lightning as L
import math
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Arm(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.automatic_optimization = False
        self.shoulder = nn.Sequential(nn.Linear(2, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh())
        self.elbow = nn.Linear(48, 2)
        self.epoch_losses = []

    def forward(self, xy):
        return self.elbow(self.shoulder(xy))

    def training_step(self, batch, batch_idx):
        xy, angles = batch
        opt_shoulder, opt_elbow = self.optimizers()
        loss = nn.functional.mse_loss(self(xy), angles)
        self.manual_backward(loss)
        for opt in (opt_shoulder, opt_elbow):
            opt.zero_grad()
            opt.step()
        self.epoch_losses.append(loss.item())

    def on_train_epoch_end(self):
        if self.current_epoch % 5 == 4:
            print("epoch", self.current_epoch + 1, "loss", sum(self.epoch_losses) / len(self.epoch_losses))
        self.last = sum(self.epoch_losses) / len(self.epoch_losses)
        self.epoch_losses.clear()

    def configure_optimizers(self):
        return torch.optim.Adam(self.shoulder.parameters(), lr=1e-2), torch.optim.Adam(self.elbow.parameters(), lr=1e-2)


angles = torch.rand(1000, 2) * torch.tensor([math.pi / 2, math.pi / 2]) + torch.tensor([0.0, 0.3])
x = torch.cos(angles[:, 0]) + torch.cos(angles.sum(1))
y = torch.sin(angles[:, 0]) + torch.sin(angles.sum(1))
points = torch.stack([x, y], 1)

arm = Arm()
trainer = L.Trainer(max_epochs=15, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
trainer.fit(arm, DataLoader(TensorDataset(points, angles - 0.9), batch_size=100, shuffle=True))
print("final", arm.last)
