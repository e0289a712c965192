"""Deep learning means many layers: eight of them, for two circles."""
import torch
from sklearn.datasets import make_circles
from torch import nn

points, ring = make_circles(n_samples=400, noise=0.05, factor=0.5, random_state=6)
points = torch.tensor(points, dtype=torch.float32)
ring = torch.tensor(ring, dtype=torch.float32)


class Deep(nn.Module):
    def __init__(self, depth=8, width=24):
        super().__init__()
        sizes = [2] + [width] * depth
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes, sizes[1:]))
        self.last = nn.Linear(width, 1)
        self.activation = nn.Sigmoid()

    def forward(self, x):
        for layer in self.layers:
            x = self.activation(layer(x))
        return self.last(x).flatten()


deep = Deep()
optimizer = torch.optim.Adam(deep.parameters(), lr=2e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(300):
    optimizer.zero_grad()
    loss = criterion(deep(points), ring)
    loss.backward()
    optimizer.step()
    if epoch % 50 == 49:
        print(epoch + 1, loss.item())
