"""Several diagnoses per patient from 20 yes/no symptoms (multi-label)."""
import torch
from torch import nn

DISEASES = 6
torch.manual_seed(17)


def patients(n):
    ill = (torch.rand(n, DISEASES) < 0.15).float()
    causes = (torch.rand(DISEASES, 20) < 0.25).float()
    causes[torch.arange(DISEASES), torch.arange(DISEASES)] = 1.0
    causes[torch.arange(DISEASES), torch.arange(DISEASES) + 10] = 1.0
    p = 1 - (1 - 0.95 * causes).unsqueeze(0).pow(ill.unsqueeze(2)).prod(1)
    return torch.bernoulli(p), ill


class Checker(nn.Module):
    def __init__(self, n_in, n_out, width=48):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_in, width), nn.ReLU(), nn.Dropout(0.1), nn.Linear(width, n_out), nn.Sigmoid()
        )

    def forward(self, x):
        return self.layers(x)


symptoms, ill = patients(900)
checker = Checker(20, DISEASES)
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.AdamW(checker.parameters(), lr=5e-3)
for epoch in range(30):
    checker.train()
    for rows in torch.randperm(len(symptoms)).split(60):
        loss = loss_fn(checker(symptoms[rows]), ill[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    checker.eval()
    with torch.no_grad():
        print("epoch", epoch, "loss", loss_fn(checker(symptoms), ill).item())
