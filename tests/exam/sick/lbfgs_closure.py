# Calibration curve of a thermistor bridge, full batch with LBFGS.
import torch
from torch import nn

torch.manual_seed(4)

temp = torch.tensor([-20., -15, -10, -5, 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55,
                     60, 65, 70, 75, 80, 85, 90, 95, 100])
bridge = torch.tensor([0.02, 0.05, 0.11, 0.20, 0.33, 0.49, 0.66, 0.81, 0.92, 0.98, 0.97, 0.90, 0.78, 0.62,
                       0.45, 0.29, 0.17, 0.10, 0.09, 0.14, 0.25, 0.41, 0.60, 0.79, 0.96])
t = ((temp - temp.mean()) / temp.std()).unsqueeze(-1)
v = ((bridge - bridge.mean()) / bridge.std()).unsqueeze(-1)


class Curve(nn.Module):
    def __init__(self, n=20):
        super().__init__()
        self.l1 = nn.Linear(1, n)
        self.l2 = nn.Linear(n, n)
        self.l3 = nn.Linear(n, 1)

    def forward(self, x):
        h = self.l1(x)
        torch.tanh(h)
        h = self.l2(h)
        torch.tanh(h)
        return self.l3(h)


model = Curve()
opt = torch.optim.LBFGS(model.parameters(), lr=1.0, max_iter=20, line_search_fn="strong_wolfe")
losses = []


def closure():
    opt.zero_grad()
    residual = model(t) - v
    losses.append(residual.pow(2).mean().item())
    loss = torch.tensor(losses[-1], requires_grad=True)
    loss.backward()
    return loss


for outer in range(30):
    opt.step(closure)
    if outer % 5 == 0:
        print(f"outer {outer}: {losses[-1]:.5f}")

with torch.no_grad():
    print(f"final mse {(model(t) - v).pow(2).mean().item():.5f}")
