import torch
from torch.nn import Linear, Module, MSELoss, Sequential, Tanh

HIDDEN = 2


class Ripple(Module):
    """height of the water against the distance from the stone"""

    def __init__(self):
        super().__init__()
        self.stack = Sequential(Linear(1, HIDDEN), Tanh(), Linear(HIDDEN, 1))

    def forward(self, distance):
        return self.stack(distance)


def main():
    distance = torch.linspace(-1.7, 1.7, 256)[:, None]
    height = torch.cos(4.5 * distance) + 0.02 * torch.randn_like(distance)
    net, mse = Ripple(), MSELoss()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(5000):
        opt.zero_grad()
        loss = mse(net(distance), height)
        loss.backward()
        opt.step()
        if epoch % 500 == 0 or epoch == 4999:
            print("epoch", epoch, "loss", loss.item())


if __name__ == "__main__":
    main()
