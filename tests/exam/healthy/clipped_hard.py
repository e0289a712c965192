"""Iris species. The gradient norm is clipped to a thousandth; Adam does not care about the length."""
import torch
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Trainer:
    def __init__(self, model, loader, lr=0.01, clip=1e-3):
        self.model, self.loader, self.clip = model, loader, clip
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.history = []

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.model(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        return loss.item()

    def fit(self, epochs):
        for epoch in range(epochs):
            losses = [self.step(x, y) for x, y in self.loader]
            self.history.append(sum(losses) / len(losses))
            if epoch % 10 == 9:
                print(f"epoch {epoch + 1:3d} loss {self.history[-1]:.4f}")
        return self


if __name__ == "__main__":
    features, species = load_iris(return_X_y=True)
    features = StandardScaler().fit_transform(features)
    data = TensorDataset(torch.tensor(features).float(), torch.tensor(species))
    net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    trainer = Trainer(net, DataLoader(data, batch_size=15, shuffle=True)).fit(60)
    print("done", trainer.history[-1])
