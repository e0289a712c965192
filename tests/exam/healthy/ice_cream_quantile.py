"""How many scoops to prepare: the 90 % quantile of the demand, pinball loss, and a Polyak average of the weights."""
import math
import random
import torch


class Kiosk:
    """demand is normal about a curve of the temperature; its spread grows on weekends"""

    def __init__(self, days):
        self.temperature = torch.rand(days) * 25 + 8
        self.weekend = (torch.rand(days) < 2 / 7).float()
        self.mean = 40 + 120 / (1 + torch.exp(-(self.temperature - 22) / 3)) + 30 * self.weekend
        self.spread = 8 + 14 * self.weekend
        self.sold = self.mean + self.spread * torch.randn(days)

    def inputs(self):
        return torch.stack([(self.temperature - 20) / 7, self.weekend], dim=1)


def pinball(pred, y, q=0.9):
    d = y - pred
    return torch.maximum(q * d, (q - 1) * d).mean()


class Net(torch.nn.Module):
    def __init__(self, hidden=20):
        super().__init__()
        self.w1 = torch.nn.Parameter(torch.randn(2, hidden))
        self.b1 = torch.nn.Parameter(torch.randn(hidden))
        self.w2 = torch.nn.Parameter(torch.randn(hidden) / math.sqrt(hidden))
        self.b2 = torch.nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return 100 + 50 * (torch.tanh(x @ self.w1 + self.b1) @ self.w2 + self.b2)


kiosk = Kiosk(5000)
x, y = kiosk.inputs(), kiosk.sold
net = Net()
ema = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995))
opt = torch.optim.Adam(net.parameters(), lr=0.01, betas=(0.9, 0.99))
order = list(range(len(y)))

for epoch in range(30):
    random.shuffle(order)
    running = 0.0
    for k in range(0, len(order), 50):
        idx = order[k:k + 50]
        loss = pinball(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        ema.update_parameters(net)
        running += loss.item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: pinball {running / 100:.4f}")

with torch.no_grad():
    p = ema(x)
    best = kiosk.mean + 1.2816 * kiosk.spread
    print("days with enough ice cream:", (p >= y).float().mean().item())
    print("pinball loss of the true quantile:", pinball(best, y).item())
    print("pinball loss:", pinball(p, y).item())
