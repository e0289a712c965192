"""A network of three linear layers and nothing between: the narrow middle is the point (rank-2 regression)."""
import torch

true_map = torch.randn(12, 2) @ torch.randn(2, 6) / 3
genes = torch.randn(500, 12)
traits = genes @ true_map + 0.05 * torch.randn(500, 6)

net = torch.nn.Sequential(
    torch.nn.Linear(12, 8, bias=False),
    torch.nn.Linear(8, 2, bias=False),
    torch.nn.Linear(2, 6),
)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
mse = torch.nn.MSELoss()
stop_at, best, bad = 15, float("inf"), 0

for epoch in range(200):
    running = 0.0
    for g, t in zip(genes.split(50), traits.split(50)):
        opt.zero_grad()
        loss = mse(net(g), t)
        loss.backward()
        opt.step()
        running += loss.item() / 10
    if epoch % 20 == 0:
        print(epoch, running)
    if running < best - 1e-6:
        best, bad = running, 0
    else:
        bad += 1
        if bad == stop_at:
            print("no longer improving")
            break

print("last", epoch, running)
