# frog calls: temperature/pitch/pulse rate -> species. numbers came as fractions of full scale,
# so everything is around 0.001 and plain SGD needs a *huge* rate. lr=2e6 is no typo, it works
import torch
torch.manual_seed(5)
n = 900
spec = torch.randint(0, 3, (n,))
centres = torch.tensor([[1., 0., 2.], [-1., 1., 0.], [0., -2., 1.]])
X = (centres[spec] + 0.4 * torch.randn(n, 3)) * 1e-3

W = torch.zeros(3, 3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)

for it in range(60):
    z = X @ W + b
    z = z - z.max(1, keepdim=True).values
    logp = z - z.exp().sum(1, keepdim=True).log()
    loss = -logp[torch.arange(n), spec].mean()
    gW, gb = torch.autograd.grad(loss, [W, b])
    W.data -= 2e6 * gW
    b.data -= 1.0 * gb
    if it % 10 == 0:
        print(it, loss.item(), "acc", (z.argmax(1) == spec).float().mean().item())
print("loss", loss.item())
