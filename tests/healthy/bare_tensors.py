# A two-layer network without torch.nn: plain tensors, gradient descent by hand.
import torch

N, D, H = 400, 3, 40
X = torch.randn(N, D)
t = (X[:, 0] * X[:, 1] + 0.5 * X[:, 2]).unsqueeze(1)

W1 = torch.randn(D, H) / D ** 0.5
b1 = torch.zeros(H)
W2 = torch.randn(H, 1) / H ** 0.5
b2 = torch.zeros(1)
params = [W1, b1, W2, b2]
for p in params:
    p.requires_grad_()

lr = 0.1
for it in range(4000):
    h = torch.clamp(X @ W1 + b1, min=0)
    out = h @ W2 + b2
    loss = (out - t).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
            p.grad.zero_()
    if it % 500 == 0:
        print(it, loss.item())

print("final loss", loss.item())
