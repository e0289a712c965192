# Next-token model on a noisy counting language, output layer shares the embedding matrix.
# Each token follows (2 * previous + 3) mod 29 with prob. 0.7, else uniform
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(9)
V, D = 29, 24
seq = torch.randint(0, V, (700, 1))
rows = [seq]
for _ in range(11):
    nxt = (2 * rows[-1] + 3) % V
    noise = torch.randint(0, V, nxt.shape)
    rows.append(torch.where(torch.rand(nxt.shape) < 0.7, nxt, noise))
data = torch.cat(rows, dim=1)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, D)
        nn.init.normal_(self.emb.weight, std=D ** -0.5)
        self.mix = nn.Sequential(nn.Linear(D, 64), nn.GELU(), nn.Linear(64, D))
        self.out = nn.Linear(D, V)
        self.out.weight = self.emb.weight

    def forward(self, ids):
        return self.out(self.mix(self.emb(ids)))


lm = Tied()
opt = torch.optim.Adam(lm.parameters(), lr=5e-3)
train, test = data[:600], data[600:]
for epoch in range(30):
    for b in train[torch.randperm(600)].split(32):
        logits = lm(b[:, :-1])
        loss = F.cross_entropy(logits.reshape(-1, V), b[:, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(f"{epoch} {loss.item():.3f} (uniform guess {math.log(V):.3f})")

with torch.no_grad():
    nll = F.cross_entropy(lm(test[:, :-1]).reshape(-1, V), test[:, 1:].reshape(-1)).item()
p = 0.7 + 0.3 / V
floor = -(p * math.log(p) + (V - 1) * (0.3 / V) * math.log(0.3 / V))
print(f"floor {floor:.4f}, test nll {nll:.4f}, excess over the floor {nll - floor:.4f}")
