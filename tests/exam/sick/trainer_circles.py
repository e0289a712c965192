"""Rings classification with a small Trainer class (I want to reuse it for bigger stuff)."""
import math
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def make_rings(n, gen):
    r = torch.randint(0, 3, (n,), generator=gen)
    phi = torch.rand(n, generator=gen) * 2 * math.pi
    radius = 0.5 + r.float() * 0.7 + 0.12 * torch.randn(n, generator=gen)
    x = torch.stack([radius * phi.cos(), radius * phi.sin()], dim=1)
    return x, r


class Block(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self.layers = [nn.Linear(2 if i == 0 else width, width) for i in range(depth)]
        self.head = nn.Linear(width, 3)

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.head(x)


class Trainer:
    def __init__(self, model, lr, epochs):
        self.model = model
        self.opt = optim.Adam(model.parameters(), lr=lr)
        self.criterion = nn.CrossEntropyLoss()
        self.epochs = epochs

    def training_step(self, batch):
        x, y = batch
        loss = self.criterion(self.model(x), y)
        loss.backward()
        self.opt.zero_grad()
        self.opt.step()
        return loss.item()

    def fit(self, loader):
        for epoch in range(self.epochs):
            total = sum(self.training_step(b) for b in loader)
            if epoch % 10 == 0:
                print(f"epoch {epoch:3d}  loss {total / len(loader):.4f}")

    @torch.no_grad()
    def accuracy(self, x, y):
        return (self.model(x).argmax(dim=1) == y).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(11)
    g = torch.Generator().manual_seed(5)
    x, y = make_rings(600, g)
    xt, yt = make_rings(300, g)
    # no normalisation: coordinates are already between -2.3 and 2.3
    loader = DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True)
    trainer = Trainer(Block(width=12, depth=3), lr=0.01, epochs=40)
    trainer.fit(loader)
    print(f"test accuracy {trainer.accuracy(xt, yt):.4f}")
