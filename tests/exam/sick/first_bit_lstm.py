"""Did the door open before the light went on? Sequences of twelve sensor readings, one LSTM."""
import torch
from torch import nn


class DoorLight(nn.Module):
    def __init__(self, n_sensors=2, hidden=24):
        super().__init__()
        self.lstm = nn.LSTM(n_sensors, hidden)
        self.fc = nn.Linear(hidden, 2)

    def forward(self, x):
        out, _ = self.lstm(x)          # x: batch, time, sensor
        return self.fc(out[:, -1])


def recordings(n, length=12):
    x = torch.zeros(n, length, 2)
    door = torch.randint(0, length - 1, (n,))
    light = torch.randint(0, length - 1, (n,))
    light = torch.where(light == door, (light + 3) % (length - 1), light)
    rows = torch.arange(n)
    x[rows, door, 0] = 1
    x[rows, light, 1] = 1
    return x + 0.05 * torch.randn_like(x), (door < light).long()


x, y = recordings(600)
model = DoorLight()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(15):
    model.train()
    running = 0.0
    for rows in torch.randperm(len(x)).split(50):
        optimizer.zero_grad()
        loss = criterion(model(x[rows]), y[rows])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        running += loss.item()
    print(f"epoch {epoch} loss {running / 12:.4f}")
