"""Levenberg-Marquardt for a net of four sigmoid units: rate of an enzyme against the substrate (inhibited when too much)."""
import torch
from torch.func import functional_call, jacrev, vmap

torch.set_default_dtype(torch.float64)

substrate = torch.logspace(-1, 2, 60).unsqueeze(1)
rate = (10 * substrate / (2 + substrate + substrate**2 / 30)).squeeze(1)
x = substrate.log10()

net = torch.nn.Sequential(torch.nn.Linear(1, 4), torch.nn.Sigmoid(), torch.nn.Linear(4, 1))
names = [n for n, _ in net.named_parameters()]
shapes = [p.shape for p in net.parameters()]


def unpack(theta):
    out, at = {}, 0
    for name, shape in zip(names, shapes):
        out[name] = theta[at:at + shape.numel()].view(shape)
        at += shape.numel()
    return out


def residual(theta):
    return functional_call(net, unpack(theta), (x,)).squeeze(1) - rate


theta = torch.cat([p.detach().flatten() for p in net.parameters()])
damping = 1.0
r = residual(theta)
for it in range(150):
    J = jacrev(residual)(theta)
    A, g = J.T @ J, J.T @ r
    while damping < 1e12:
        step = torch.linalg.solve(A + damping * torch.eye(len(theta)), -g)
        trial = residual(theta + step)
        if trial.square().sum() < r.square().sum():
            theta, r, damping = theta + step, trial, damping / 4
            break
        damping *= 3
    if it % 25 == 24:
        print(f"iteration {it + 1}: mse {r.square().mean().item():.3e}, damping {damping:.1e}")

print("mse relative to the variance:", (r.square().mean() / rate.var()).item())
