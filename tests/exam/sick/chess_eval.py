import numpy as np, torch
import torch.nn.functional as F

# tiny evaluation function for my chess engine (material only for now).
# score is -1 (black wins) ... +1 (white wins)

MAXCOUNT = [8, 2, 2, 2, 1]
VALUE = np.array([1, 3, 3, 5, 9])

def random_positions(n):
    white = np.stack([np.random.randint(0, m + 1, n) for m in MAXCOUNT], 1)
    black = np.stack([np.random.randint(0, m + 1, n) for m in MAXCOUNT], 1)
    return white, black

white, black = random_positions(4000)
score = np.tanh((white @ VALUE - black @ VALUE) / 8.0)

# feature = white's share of each piece type, + share of pieces overall
feats = np.zeros_like(np.hstack([white, white[:, :1]]))
for i in range(5):
    feats[:, i] = (white[:, i] + 0.5) / (white[:, i] + black[:, i] + 1.0)
feats[:, 5] = white.sum(1) / (white.sum(1) + black.sum(1) + 1.0)

X = torch.FloatTensor(feats)
Y = torch.FloatTensor(score)[:, None]

class Eval(torch.nn.Module):
    def __init__(s):
        super().__init__()
        s.a = torch.nn.Linear(6, 64)
        s.b = torch.nn.Linear(64, 64)
        s.c = torch.nn.Linear(64, 1)
    def forward(s, x):
        x = F.relu(s.a(x))
        x = F.relu(s.b(x))
        return torch.sigmoid(s.c(x))

net = Eval()
opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
bs = 100
for ep in range(25):
    perm = torch.randperm(len(X))
    tot = 0
    for k in range(0, len(X), bs):
        idx = perm[k:k + bs]
        loss = F.mse_loss(net(X[idx]), Y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    if ep % 5 == 4:
        print('epoch', ep + 1, 'mse', tot / (len(X) / bs))
