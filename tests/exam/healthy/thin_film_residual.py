import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, width, expand=2):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, expand * width)
        self.down = nn.Linear(expand * width, width)
        # every block starts as the identity
        nn.init.zeros_(self.down.weight)
        nn.init.zeros_(self.down.bias)

    def forward(self, x):
        return x + self.down(F.silu(self.up(self.norm(x))))


class ResMLP(nn.Module):
    def __init__(self, d_in, d_out, width=32, depth=4):
        super().__init__()
        self.stem = nn.Linear(d_in, width)
        self.blocks = nn.Sequential(*[Block(width) for _ in range(depth)])
        self.head = nn.Linear(width, d_out)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)))


def reflectance(n):
    """thickness and index of a film -> reflectance at three colours"""
    film = torch.rand(n, 2) * 2 - 1
    colours = torch.tensor([0.8, 1.0, 1.3])
    phase = (1.5 + film[:, :1]) * (1.6 + 0.3 * film[:, 1:]) / colours
    return film, torch.sin(phase) ** 2


film, colour = reflectance(1000)
film_val, colour_val = reflectance(200)
model = ResMLP(2, 3)
opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 600)

for it in range(600):
    model.train()
    pick = torch.randint(1000, (128,))
    loss = F.huber_loss(model(film[pick]), colour[pick], delta=0.5)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if it % 100 == 99:
        model.eval()
        with torch.no_grad():
            val = F.huber_loss(model(film_val), colour_val, delta=0.5)
        print(it + 1, "train", loss.item(), "val", val.item())
