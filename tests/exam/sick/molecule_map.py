"""Draw a 2-d map of solvents: similar ones should lie close to each other.
Two-layer net by hand (I want to understand it), distances on the map should match
the distances between the descriptors."""
import torch

n, d = 60, 6
latent = torch.randn(n, 2)
mix = torch.randn(2, d)
X = latent @ mix + 0.05 * torch.randn(n, d)        # descriptors: logP, PSA, dipole ...
X = (X - X.mean(0)) / X.std(0)

def distances(a):
    diff = a[:, None, :] - a[None, :, :]
    return torch.sqrt((diff ** 2).sum(-1))

target = distances(X)
target = target / target.mean()

W1 = torch.zeros(d, 32)
b1 = torch.zeros(32)
W2 = torch.zeros(32, 2)
b2 = torch.zeros(2)
params = [W1, b1, W2, b2]
for p in params:
    p.requires_grad_()

def stress(pos):
    return ((distances(pos) - target) ** 2).mean()

lr = 0.05
vel = [torch.zeros_like(p) for p in params]
for it in range(800):
    h = torch.tanh(X @ W1 + b1)
    pos = h @ W2 + b2
    L = stress(pos)
    L.backward()
    with torch.no_grad():
        for p, v in zip(params, vel):
            v.mul_(0.9).add_(p.grad)
            p -= lr * v
            p.grad = None
    if it % 100 == 0:
        print(it, L.item())
print("stress", L.item())
