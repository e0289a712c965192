import csv
import sys

import torch
from torch import nn

# tab-separated table of patients: age in the first column, outcome (0 or 1) in the last
path = sys.argv[1] if len(sys.argv) > 1 else "patients.tsv"
with open(path) as f:
    table = [row for row in csv.reader(f, delimiter="\t") if row and row[0].strip().isdigit()]
age = torch.tensor([float(row[0]) for row in table])
outcome = torch.tensor([float(row[-1]) for row in table])

x = ((age - 60) / 10).unsqueeze(1)
y = outcome.unsqueeze(1)


class Net(nn.Module):
    def __init__(self, num_hidden, nb_layers=1):
        super().__init__()
        sizes = [1] + [num_hidden] * nb_layers
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.last = nn.Linear(sizes[-1], 1)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.last(x)


def train(net, x, y, lr):
    """One step of accelerated gradient descent."""
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


net = Net(2000)
for step in range(8001):
    loss = train(net, x, y, 1e-4)
    if step % 1000 == 0 or step == 50:
        print(step, loss)

# why does it stop here? the curve is so simple
with torch.no_grad():
    for years in range(20, 101, 10):
        rows = y[age == years]
        mean = rows.mean().item() if len(rows) else float("nan")
        print(years, "predicted", net(torch.tensor([[(years - 60) / 10]])).item(), "mean", mean)
