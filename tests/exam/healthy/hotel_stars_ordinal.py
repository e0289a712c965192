"""Stars of a hotel (1-5) as an ordinal regression: shared score, four cut points, all written with plain tensors."""
import torch

N = 4000
price = torch.distributions.LogNormal(4.6, 0.5).sample((N,))
rooms = torch.randint(5, 200, (N,)).float()
pool = (torch.rand(N) < 0.3).float()
distance = torch.rand(N) * 20
quality = 2.2 * (price.log() - 4.6) + 0.8 * pool - 0.06 * (distance - 10) + 0.9 * torch.tanh((rooms - 60) / 30)
stars = torch.bucketize(quality, torch.tensor([-1.8, -0.6, 0.6, 1.8]))          # 0..4

X = torch.stack([price.log() - 4.6, rooms / 100 - 1, pool, distance / 10 - 1], dim=1)

params = {
    "W1": torch.randn(4, 24) * 0.7,
    "b1": torch.randn(24) * 0.5,
    "w2": torch.zeros(24),
    "cuts": torch.tensor([-1.5, -0.5, 0.5, 1.5]),
}
for p in params.values():
    p.requires_grad_()


def loss_fn(X, stars):
    score = torch.tanh(X @ params["W1"] + params["b1"]) @ params["w2"]
    above = torch.arange(4) < stars[:, None]                # is the hotel above cut k?
    logits = score[:, None] - params["cuts"]
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, above.float(), reduction="none").sum(1).mean(), logits


velocity = {k: torch.zeros_like(p) for k, p in params.items()}
for epoch in range(60):
    lr = 0.3 if epoch < 45 else 0.05
    total = 0.0
    for idx in torch.randperm(N).chunk(40):
        loss, _ = loss_fn(X[idx], stars[idx])
        grads = torch.autograd.grad(loss, list(params.values()))
        with torch.no_grad():
            for (k, p), g in zip(params.items(), grads):
                velocity[k].mul_(0.9).add_(g)
                p -= lr * velocity[k]
        total += loss.item() / 40
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1:3d}  loss {total:.4f}")

with torch.no_grad():
    loss, logits = loss_fn(X, stars)
    print("loss:", loss.item())
    print("wrong stars:", ((logits > 0).sum(1) != stars).float().mean().item())
