import torch
import torch.nn as nn

# damped oscillation, a few hundred noiseless samples
time = torch.linspace(0, 2, 150).unsqueeze(-1)
signal = torch.exp(-time) * torch.cos(4 * time)

net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
mse = nn.MSELoss()
optim = torch.optim.LBFGS(net.parameters(), lr=1.0, max_iter=20, history_size=20,
                          line_search_fn="strong_wolfe")


def closure():
    optim.zero_grad()
    err = mse(net(time), signal)
    err.backward()
    return err


for outer in range(25):
    err = optim.step(closure)
    print("round", outer, "mse", err.item())

print("final loss", mse(net(time), signal).item())
