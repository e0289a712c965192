"""Key-value lookup: find the query among eight keys and return its value. One attention layer."""
import torch
import torch.nn.functional as F
from torch import nn


class Lookup(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.q = nn.Linear(4, d, bias=False)
        self.k = nn.Linear(4, d, bias=False)
        self.v = nn.Linear(1, d)
        self.out = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, 1))

    def forward(self, query, keys, values):
        scores = torch.einsum("bd,bnd->bn", self.q(query), self.k(keys)) / 4
        mixed = torch.einsum("bn,bnd->bd", F.softmax(scores, dim=-1), self.v(values))
        return self.out(mixed)


def episodes(batch, n=8):
    while True:
        keys = F.normalize(torch.randn(batch, n, 4), dim=-1)
        values = torch.randn(batch, n, 1)
        which = torch.randint(n, (batch,))
        rows = torch.arange(batch)
        yield keys[rows, which], keys, values, values[rows, which]


model = Lookup()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
ema = 1.0
for i, (query, keys, values, answer) in zip(range(900), episodes(128)):
    loss = F.mse_loss(model(query, keys, values), answer)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    ema = 0.97 * ema + 0.03 * loss.item()
    if i % 100 == 99:
        print(i + 1, f"{ema:.5f}")
