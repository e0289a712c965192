"""Hand-written layer norm and a hand-written autograd function; a very wiggly style, no optimizer class."""
import torch


class Softsign3(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x / (1 + x.abs())

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g / (1 + x.abs()) ** 2


act = Softsign3.apply


def norm(h, gain, shift):
    m = h.mean(-1, keepdim=True)
    s = (h - m).pow(2).mean(-1, keepdim=True).add(1e-5).sqrt()
    return (h - m) / s * gain + shift


torch.manual_seed(12)
X = torch.rand(500, 3) * 2 - 1
Y = torch.stack([X[:, 0] * X[:, 1], (X[:, 2] * 2).cos(), X.sum(1) ** 2 / 3], dim=1)
mean, std = Y[:400].mean(0), Y[:400].std(0)
Z = (Y - mean) / std

P = dict(w1=torch.randn(3, 40) * 0.6, b1=torch.randn(40) * 0.5, g1=torch.ones(40), s1=torch.zeros(40),
         w2=torch.randn(40, 40) * 0.16, b2=torch.zeros(40), w3=torch.zeros(40, 3), b3=torch.zeros(3))
for v in P.values():
    v.requires_grad_()
mom = {k: torch.zeros_like(v) for k, v in P.items()}


def net(x):
    h = act(norm(x @ P["w1"] + P["b1"], P["g1"], P["s1"]) * 2)
    h = act(h @ P["w2"] + P["b2"])
    return h @ P["w3"] + P["b3"]


for it in range(2500):
    b = torch.randint(0, 400, (64,))
    loss = (net(X[b]) - Z[b]).square().mean()
    grads = torch.autograd.grad(loss, list(P.values()))
    with torch.no_grad():
        for (k, v), g in zip(P.items(), grads):
            mom[k].mul_(0.9).add_(g)
            v.sub_(0.05 * mom[k])
    if it % 500 == 0:
        print(it, loss.item())
with torch.no_grad():
    err = (net(X[400:]) - Z[400:]).square().mean() / Z[400:].var(0).mean()
print(f"R2 {1 - err.item():.4f}")
