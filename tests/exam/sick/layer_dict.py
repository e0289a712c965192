# checkerboard 3 x 3, the hidden layers live in a dict so that I can look at them by name
import torch
import torch.nn as nn
import torch.nn.functional as F


class NamedNet(nn.Module):
    def __init__(self, sizes=(2, 12, 12), classes=2):
        super().__init__()
        self.hidden = {}
        for k, (i, o) in enumerate(zip(sizes[:-1], sizes[1:])):
            self.hidden[f"fc{k}"] = nn.Linear(i, o)
        self.out = nn.Linear(sizes[-1], classes)

    def forward(self, x):
        for name in sorted(self.hidden):
            x = torch.tanh(2 * self.hidden[name](x))
        return self.out(x)


def checkerboard(n):
    x = torch.rand(n, 2) * 3
    return x - 1.5, (x.floor().sum(1) % 2).long()


x, y = checkerboard(500)
net = NamedNet((2, 40, 12))
print(sum(p.numel() for p in net.parameters()), "parameters")
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
for i in range(600):
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if i % 60 == 59:
        print(i + 1, "loss:", loss.item())
