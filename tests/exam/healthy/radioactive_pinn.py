"""Decay chain A -> B -> C as a physics-informed net: no data at all, only the equations. Adam first, then L-BFGS."""
import torch
from torch.func import functional_call, jvp

K1, K2 = 1.5, 0.7
t = torch.linspace(0, 5, 80).unsqueeze(1)


class Chain(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.core = torch.nn.Sequential(
            torch.nn.Linear(1, 24), torch.nn.Tanh(), torch.nn.Linear(24, 24), torch.nn.Tanh(), torch.nn.Linear(24, 2))

    def forward(self, t):
        start = torch.tensor([1.0, 0.0])
        return start + (1 - torch.exp(-t)) * self.core(t)      # the initial values hold by construction


chain = Chain()
weights = dict(chain.named_parameters())


def residual():
    amount, rate = jvp(lambda s: functional_call(chain, weights, (s,)), (t,), (torch.ones_like(t),))
    a, b = amount[:, 0], amount[:, 1]
    return (rate[:, 0] + K1 * a).square().mean() + (rate[:, 1] - K1 * a + K2 * b).square().mean()


adam = torch.optim.Adam(chain.parameters(), lr=5e-3)
for it in range(300):
    adam.zero_grad()
    loss = residual()
    loss.backward()
    adam.step()
print("after Adam:", loss.item())

lbfgs = torch.optim.LBFGS(chain.parameters(), max_iter=20, history_size=30, line_search_fn="strong_wolfe")


def closure():
    lbfgs.zero_grad()
    loss = residual()
    loss.backward()
    return loss


for it in range(15):
    loss = lbfgs.step(closure)
    if it % 5 == 4:
        print("L-BFGS", it + 1, loss.item())

a = torch.exp(-K1 * t)
b = K1 / (K2 - K1) * (torch.exp(-K1 * t) - torch.exp(-K2 * t))
with torch.no_grad():
    print("rms error against the exact solution:", (chain(t) - torch.cat([a, b], 1)).square().mean().sqrt().item())
