import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def arrhenius(n):
    temperature = torch.rand(n, 1) * 2 - 1
    acidity = torch.rand(n, 1) * 2 - 1
    rate = torch.exp(1.2 * temperature) * (1 - acidity.pow(2))
    return torch.cat((temperature, acidity), 1), rate


def train(model, loader, optimizer, epochs):
    for epoch in range(epochs):
        for x, rate in loader:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), rate)
            loss.backward()
            optimizer.step()
        print("epoch", epoch, "last batch", loss.item())


x, rate = arrhenius(320)
loader = DataLoader(TensorDataset(x, rate), batch_size=32, shuffle=True)
model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=5.0)
train(model, loader, optimizer, epochs=50)
