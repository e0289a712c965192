# Word vectors are kept fixed on purpose (they come from elsewhere); only the classifier trains.
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(14)
torch.manual_seed(14)
V, D, L = 120, 32, 9
vectors = rng.normal(size=(V, D)).astype("float32")
vectors[:40] += 0.9 * rng.normal(size=D)          # kitchen words
vectors[40:80] += 0.9 * rng.normal(size=D)        # garage words
label = rng.integers(0, 2, 700)
ids = np.where(rng.random((700, L)) < 0.4, rng.integers(0, 40, (700, L)) + 40 * label[:, None],
               rng.integers(80, 120, (700, L)))
ids, label = torch.from_numpy(ids), torch.from_numpy(label)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=True)
        self.norm = nn.LayerNorm(D)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(D, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, t):
        return self.head(self.norm(self.words(t).sum(dim=1)))


model = Classifier()
trainable = filter(lambda p: p.requires_grad, model.parameters())
optim = torch.optim.RMSprop(trainable, lr=2e-3)
for epoch in range(25):
    model.train()
    for b in torch.randperm(560).split(28):
        optim.zero_grad()
        loss = nn.functional.cross_entropy(model(ids[b]), label[b])
        loss.backward()
        optim.step()
    if epoch % 5 == 0:
        print("epoch", epoch, "loss", float(loss))

model.eval()
with torch.no_grad():
    acc = (model(ids[560:]).argmax(-1) == label[560:]).float().mean().item()
print(f"accuracy with frozen vectors: {acc:.4f}")
