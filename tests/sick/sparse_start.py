# Two hidden layers by hand. I start every unit "switched off" so that the net is sparse at first.
import torch
import torch.nn.functional as F

torch.manual_seed(11)

x = torch.rand(300, 2) * 2 - 1
y = ((x[:, 0] > 0) ^ (x[:, 1] > 0)).long()


def layer(n_in, n_out, bias):
    w = torch.empty(n_in, n_out).normal_(0, (2 / n_in) ** 0.5).requires_grad_()
    b = torch.full((n_out,), bias).requires_grad_()
    return w, b


w1, b1 = layer(2, 50, -8.0)
w2, b2 = layer(50, 50, -8.0)
w3, b3 = layer(50, 2, 0.0)


def forward(inputs):
    h = F.relu(inputs @ w1 + b1)
    h = F.relu(h @ w2 + b2)
    return h @ w3 + b3


optimizer = torch.optim.Adam([w1, b1, w2, b2, w3, b3], lr=0.01)
for step in range(500):
    loss = F.cross_entropy(forward(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 25 == 24:
        print("step", step + 1, "loss", loss.item())
