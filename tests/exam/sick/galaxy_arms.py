# which arm of a (toy) spiral galaxy does a star belong to?
import numpy as np, torch, torch.nn as nn

def galaxy(n=1000):
    arm = np.random.randint(0, 2, n)
    r = np.random.uniform(0.2, 1, n)
    ang = 7 * r + np.pi * arm + np.random.normal(0, .12, n)
    return np.c_[r*np.cos(ang), r*np.sin(ang)], arm

stars, arm = galaxy()
stars = torch.tensor(stars * 2, dtype=torch.float)
arm = torch.tensor(arm).long()

class DeepNet(nn.Module):
    def __init__(self, sizes):
        super(DeepNet, self).__init__()
        self.hidden = [nn.Linear(i, o) for i, o in zip(sizes[:-1], sizes[1:])]
        self.last = nn.Linear(sizes[-1], 2)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.sigmoid(layer(x))
        return self.last(x)

net = DeepNet([2, 24, 24, 24, 24, 24, 24, 24])
print(net)
optim = torch.optim.Adam(net.parameters(), lr=5e-3)
ce = nn.CrossEntropyLoss(reduction='sum')

for epoch in range(45):
    tot, ok = 0, 0
    for xb, yb in zip(stars.split(50), arm.split(50)):
        optim.zero_grad()
        o = net(xb)
        l = ce(o, yb)
        l.backward()
        optim.step()
        tot += l.item()
        ok += (o.argmax(1) == yb).sum().item()
    if epoch % 10 == 0 or epoch == 44:
        print(f'ep {epoch}  acc {ok/len(arm):.2f}  loss {tot/len(arm):.4f}')
