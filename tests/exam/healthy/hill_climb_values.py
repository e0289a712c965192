"""Fitted value iteration with a slowly following target network: how many steps is it to the flag on a 6 x 6 board?"""
import copy
import itertools

import torch
from torch import nn

SIZE, GAMMA = 6, 0.95
cells = list(itertools.product(range(SIZE), range(SIZE)))
FLAG = (SIZE - 1, SIZE - 1)
state = torch.tensor(cells, dtype=torch.float32)                   # 0..5, not scaled
moves = [(0, 1), (1, 0), (0, -1), (-1, 0)]
after = torch.tensor([[cells.index((min(max(i + a, 0), SIZE - 1), min(max(j + b, 0), SIZE - 1))) for a, b in moves] for i, j in cells])
at_flag = torch.tensor([c == FLAG for c in cells])
exact = torch.tensor([sum(-(GAMMA**k) for k in range(2 * (SIZE - 1) - i - j)) for i, j in cells])

q = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 4))
target_q = copy.deepcopy(q).requires_grad_(False)
opt = torch.optim.Adam(q.parameters(), lr=1e-3)

for step in range(4001):
    for g in opt.param_groups:
        g["lr"] = 2e-3 * (1 - step / 4001)
    with torch.no_grad():
        follow = target_q(state).max(dim=1).values.masked_fill(at_flag, 0.0)
        goal = -1 + GAMMA * follow[after]
    s = torch.randint(len(cells), (64,))
    a = torch.randint(4, (64,))
    loss = nn.functional.smooth_l1_loss(q(state[s])[torch.arange(64), a], goal[s, a])
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for slow, fast in zip(target_q.parameters(), q.parameters()):
            slow.lerp_(fast, 0.02)
    if step % 500 == 0:
        print("step", step, "td loss", round(loss.item(), 5))

with torch.no_grad():
    value = q(state).max(dim=1).values
print("rms error of the values (their spread is 2):", (value - exact)[~at_flag].square().mean().sqrt().item())
