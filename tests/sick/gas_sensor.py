# calibrate a gas sensor: three raw voltages in, concentration out
import torch
import torch.nn as nn


def read_sensor(n):
    concentration = torch.rand(n, 1) * 2
    humidity = torch.randn(n, 1) * 0.3
    v1 = torch.tanh(concentration - 1) + 0.2 * humidity
    v2 = concentration.sqrt() - 1 + 0.1 * humidity
    v3 = humidity
    return torch.cat([v1, v2, v3], dim=1), concentration ** 2


def build():
    return nn.Sequential(
        nn.Linear(3, 20),
        nn.ReLU(),
        nn.Linear(20, 20),
        nn.ReLU(),
        nn.Linear(20, 1),
    )


def fit(model, volts, target, steps=600, lr=0.003):
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for i in range(steps):
        loss = criterion(model(volts), target)
        loss.backward()
        optimizer.step()
        if i % 50 == 0:
            print("step", i, "mse", loss.item())
    return loss.item()


volts, target = read_sensor(250)
model = build()
print("mse at the end:", fit(model, volts, target))
