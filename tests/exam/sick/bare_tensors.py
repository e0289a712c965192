# no nn.Module on purpose, trying to understand what the framework does for me
import torch

torch.manual_seed(0)

x = torch.linspace(-2, 2, 160).reshape(-1, 1)
y = torch.sin(2.2 * x) + 0.3 * x ** 2 - 0.5
y = y + 0.05 * torch.randn_like(y)

H = 24
W1 = torch.full((1, H), 0.5)
b1 = torch.zeros(H)
W2 = torch.full((H, 1), 0.05)
b2 = torch.zeros(1)
params = [W1, b1, W2, b2]
for p in params:
    p.requires_grad_(True)


def f(x):
    return torch.tanh(x @ W1 + b1) @ W2 + b2


lr = 0.04
history = []
for it in range(3000):
    loss = (f(x) - y).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
    history.append(loss.item())
    if it % 500 == 0:
        print(it, history[-1])

with torch.no_grad():
    final = (f(x) - y).pow(2).mean().item()
print("final mse %.5f, variance of y %.3f, ratio %.5f" % (final, y.var().item(), final / y.var().item()))
