# No data set: every step draws new points, so there is nothing to overfit.
import torch


class Approximator(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(2, 64)
        self.second = torch.nn.Linear(64, 64)
        self.last = torch.nn.Linear(64, 1)

    def forward(self, xy):
        z = torch.nn.functional.silu(self.first(xy))
        z = torch.nn.functional.silu(self.second(z))
        return self.last(z).squeeze(1)


def sample(n):
    xy = torch.rand(n, 2) * 4 - 2
    height = torch.sin(xy[:, 0]) * torch.cos(xy[:, 1])
    return xy, height


model = Approximator()
adam = torch.optim.Adam(model.parameters(), lr=0.003)
smoothed = None

for step in range(1500):
    xy, height = sample(256)
    difference = model(xy) - height
    loss = (difference * difference).sum() / len(difference)
    adam.zero_grad()
    loss.backward()
    adam.step()
    smoothed = loss.item() if smoothed is None else 0.98 * smoothed + 0.02 * loss.item()
    if step % 300 == 299:
        print(step + 1, smoothed)

print("final loss", smoothed)
