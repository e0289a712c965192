"""Which of three pulse shapes hides in a noisy trace? 1-d convolutions under CPU autocast."""
import torch
from torch import nn

SHAPES = torch.stack([
    torch.hann_window(16, periodic=False),
    torch.linspace(1, 0, 16),
    torch.sign(torch.sin(torch.arange(16) * 0.8)),
])


def traces(n, length=64):
    x = 0.15 * torch.randn(n, 1, length)
    kind = torch.randint(0, 3, (n,))
    for i in range(n):
        at = torch.randint(0, length - 16, ()).item()
        x[i, 0, at:at + 16] += SHAPES[kind[i]]
    return x, kind


class PulseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, 8, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2),
            nn.Conv1d(8, 16, 7, padding=3), nn.ReLU(), nn.AdaptiveMaxPool1d(1),
        )
        self.classifier = nn.Linear(16, 3)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


x_train, k_train = traces(600)
x_test, k_test = traces(200)
net = PulseNet()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)

for epoch in range(20):
    net.train()
    for idx in torch.randperm(600).split(50):
        opt.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(net(x_train[idx]), k_train[idx])
        loss.backward()
        opt.step()
    if epoch % 4 == 3:
        net.eval()
        with torch.inference_mode():
            out = net(x_test)
            print(f"epoch {epoch + 1}  test accuracy {(out.argmax(1) == k_test).float().mean():.3f}  "
                  f"test loss {nn.functional.cross_entropy(out, k_test):.4f}")
