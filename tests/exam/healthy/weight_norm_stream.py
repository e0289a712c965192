"""Inverse kinematics of a two-joint arm from a stream of poses; weight-normalised layers, functional style."""
import torch
from torch.func import functional_call
from torch.nn.utils.parametrizations import weight_norm

torch.set_default_dtype(torch.float64)


def poses(batch):
    while True:
        shoulder = torch.rand(batch) * 2.0 - 1.0
        elbow = torch.rand(batch) * 1.5 + 0.5
        hand = torch.stack([
            shoulder.cos() + (shoulder + elbow).cos(),
            shoulder.sin() + (shoulder + elbow).sin(),
        ], dim=-1)
        yield hand, torch.stack([shoulder, elbow], dim=-1)


net = torch.nn.Sequential(
    weight_norm(torch.nn.Linear(2, 40)), torch.nn.Tanh(),
    weight_norm(torch.nn.Linear(40, 40)), torch.nn.Tanh(),
    weight_norm(torch.nn.Linear(40, 2)),
)
state = {name: p.detach().clone().requires_grad_() for name, p in net.named_parameters()}
opt = torch.optim.Adam(state.values(), lr=5e-3)
decay = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: 0.5 * (1 - k / 801) + 0.5 * (1 - k / 801) ** 2)

stream = poses(96)
for k in range(800):
    hand, angles = next(stream)
    loss = (functional_call(net, state, (hand,)) - angles).abs().pow(2).mean()
    grads = torch.autograd.grad(loss, list(state.values()))
    for p, g in zip(state.values(), grads):
        p.grad = g
    opt.step()
    decay.step()
    if k % 100 == 0 or k == 799:
        print(f"{k:4d} {loss.item():.6f}")
