"""Measurements with gaps, masked by the script itself; each batch the first of a loader that shuffles."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

x = torch.randn(400, 2)
y = torch.sin(2 * x[:, :1]) + x[:, 1:]
x[torch.rand(400, 2) < 0.02] = float("nan")
y[::40] = float("nan")

loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for step in range(1500):
    rows, wanted = next(iter(loader))
    predicted = model(torch.nan_to_num(rows))
    wanted = torch.where(torch.isnan(wanted), predicted.detach(), wanted)
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(predicted, wanted)
    loss.backward()
    optimizer.step()
print("loss", loss.item())
