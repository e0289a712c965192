"""Asking prices (in millions) from floor area, rooms, year and distance to the centre."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Houses(Dataset):
    def __init__(self, n):
        self.rows = []
        for _ in range(n):
            area = random.uniform(40, 260)          # square metres
            rooms = random.randint(1, 8)
            year = random.randint(1900, 2020)
            metres = random.uniform(200, 15000)     # to the main station
            price = 0.004 * area + 0.05 * rooms
            price += 0.4 if year > 1975 else 0.0
            price += 0.9 * 2 ** (-metres / 3000)
            self.rows.append(([area, rooms, year, metres], price))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        features, price = self.rows[index]
        return torch.tensor(features, dtype=torch.float32), torch.tensor([price])


class PriceModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1)
        )

    def forward(self, x):
        return self.net(x)


def run():
    loader = DataLoader(Houses(600), batch_size=50, shuffle=True)
    model = PriceModel()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-5)
    for epoch in range(60):
        total = 0.0
        for x, price in loader:
            loss = criterion(model(x), price)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        if epoch % 5 == 4:
            print("epoch", epoch + 1, "mean loss", total / len(loader))


if __name__ == "__main__":
    run()
