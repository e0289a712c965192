"""Fine-tune an encoder for the parity of a digit. KEEP_PROB as in the paper."""
import torch
from sklearn.datasets import load_digits
from torch import nn

KEEP_PROB = 0.95


def load_encoder(path=None):
    encoder = nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 6), nn.Tanh())
    if path is not None:
        encoder.load_state_dict(torch.load(path))
    for p in encoder.parameters():
        p.requires_grad = False
    return encoder


class Parity(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(KEEP_PROB)
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        return self.head(self.drop(self.encoder(x)))


digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).flatten(1) / 8 - 1
odd = torch.tensor(digits.target % 2)
model = Parity(load_encoder())
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=0.005)

for epoch in range(12):
    model.train()
    for rows in torch.randperm(len(images)).split(64):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images[rows]), odd[rows])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print("epoch", epoch, "loss", nn.functional.cross_entropy(model(images), odd).item())
